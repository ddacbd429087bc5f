package dev.cria.tensor;

import dev.cria.tensor.cuda.CudaDriver;
import dev.cria.tensor.cuda.CudaFailure;
import dev.cria.tensor.library.Libtorch;
import dev.cria.tensor.library.Raw;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A block of numbers on a device, in row-major order unless it is a view.
 *
 * <p>Native memory is counted: a new tensor has one reference, which belongs to whoever made it; {@link #retain()} adds
 * one, {@link #close()} takes one away, and the last one gives the memory back at once. A view keeps what it looks
 * into alive. A {@link Scope} closes what was made in it.
 *
 * <p>libtorch's own tensor is made when one of its operators is called, for it costs some microseconds: as much as a
 * kernel of a small model's decoding step, which needs none.
 */
public final class Tensor implements AutoCloseable {
    private final long address;
    private final DType dtype;
    private final Device device;
    private final long[] shape;
    private final long[] strides;
    private final Backing backing;
    private org.bytedeco.pytorch.@Nullable Tensor raw;
    private int references = 1;

    /** Who is told when the last reference goes. */
    private sealed interface Backing {
        /** Memory from the pool of the device. */
        record Pooled(Memory.Block block) implements Backing {}

        /** Memory that the caller keeps valid until the tensor is closed. */
        record Foreign() implements Backing {}

        /** Another tensor's memory. */
        record Viewed(Tensor owner) implements Backing {}
    }

    private Tensor(long address, DType dtype, Device device, long[] shape, long[] strides, Backing backing) {
        this.address = address;
        this.dtype = dtype;
        this.device = device;
        this.shape = shape;
        this.strides = strides;
        this.backing = backing;
    }

    /** A tensor whose elements are whatever the memory held. The caller closes it. */
    public static Tensor empty(DType dtype, Device device, long... shape) {
        long elements = elements(shape);
        Memory.Block block = Memory.of(device).acquire(Math.multiplyExact(elements, dtype.bytes()));
        long[] own = shape.clone();
        return new Tensor(block.address(), dtype, device, own, rowMajor(own), new Backing.Pooled(block));
    }

    /** A tensor of zeros. The caller closes it. */
    public static Tensor zeros(DType dtype, Device device, long... shape) {
        Tensor made = empty(dtype, device, shape);
        made.zero();
        return made;
    }

    /** A float32 tensor on the CPU with these elements. The caller closes it. */
    public static Tensor of(float[] elements, long... shape) {
        Tensor made = empty(DType.FLOAT32, Device.CPU, shape);
        made.copyFrom(MemorySegment.ofArray(elements));
        return made;
    }

    /** An int64 tensor on the CPU with these elements. The caller closes it. */
    public static Tensor of(long[] elements, long... shape) {
        Tensor made = empty(DType.INT64, Device.CPU, shape);
        made.copyFrom(MemorySegment.ofArray(elements));
        return made;
    }

    /** A tensor on the CPU over native memory that the caller keeps valid until it closes the tensor. */
    public static Tensor over(MemorySegment memory, DType dtype, long... shape) {
        if (!memory.isNative() || memory.byteSize() != elements(shape) * dtype.bytes()) {
            throw new ShapeException(memory.byteSize() + " bytes are no " + dtype + Arrays.toString(shape));
        }
        long[] own = shape.clone();
        return new Tensor(memory.address(), dtype, Device.CPU, own, rowMajor(own), new Backing.Foreign());
    }

    private static long[] rowMajor(long[] shape) {
        long[] strides = new long[shape.length];
        long stride = 1;
        for (int i = shape.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= Math.max(1, shape[i]);
        }
        return strides;
    }

    public DType dtype() {
        return dtype;
    }

    public Device device() {
        return device;
    }

    /** The sizes of the dimensions; a copy. */
    public long[] shape() {
        return shape.clone();
    }

    /** The size of one dimension; negative ones count from the last. */
    public long size(int dimension) {
        return shape[dimension < 0 ? shape.length + dimension : dimension];
    }

    public int dimensions() {
        return shape.length;
    }

    public long elements() {
        return elements(shape);
    }

    public long bytes() {
        return elements() * dtype.bytes();
    }

    /** Adds a reference, for one more {@link #close()}; returns this. */
    public Tensor retain() {
        requireOpen();
        references++;
        return this;
    }

    /** True if nobody else holds this tensor, so that its memory may be written to. */
    public boolean isUnshared() {
        return references == 1;
    }

    @Override
    public void close() {
        requireOpen();
        if (--references > 0) {
            return;
        }
        if (raw != null) {
            raw.releaseReference();
        }
        switch (backing) {
            case Backing.Pooled(var block) -> Memory.of(device).release(block);
            case Backing.Foreign() -> {}
            case Backing.Viewed(var owner) -> owner.close();
        }
    }

    /** The same numbers under another shape of as many elements. The caller closes the view. */
    public Tensor view(long... newShape) {
        if (elements(newShape) != elements()) {
            throw new ShapeException(this + " has no view " + Arrays.toString(newShape));
        }
        if (!isContiguous()) {
            throw new ShapeException(this + " is strided and has no view " + Arrays.toString(newShape));
        }
        long[] own = newShape.clone();
        return viewed(address, own, rowMajor(own));
    }

    /** A matrix with its dimensions exchanged, as a strided view. The caller closes it. */
    public Tensor transposed() {
        return viewed(address, new long[] {shape[1], shape[0]}, new long[] {strides[1], strides[0]});
    }

    /** [rows·parts, width] seen as [rows, parts, width]; of a strided view too. The caller closes it. */
    public Tensor splitRows(long rows, long parts) {
        if (shape.length != 2 || rows * parts != shape[0]) {
            throw new ShapeException(this + " has not " + rows + " times " + parts + " rows");
        }
        long[] split = {rows, parts, shape[1]};
        return viewed(address, split, new long[] {parts * strides[0], strides[0], strides[1]});
    }

    /** Rows {@code start} to {@code start + length} of the first dimension. The caller closes the view. */
    public Tensor rows(long start, long length) {
        return narrow(0, start, length);
    }

    /** A part of one dimension, strided where the dimension is not the first. The caller closes the view. */
    public Tensor narrow(int dimension, long start, long length) {
        if (start < 0 || length < 0 || start + length > shape[dimension]) {
            throw new ShapeException(
                    this + " has no elements " + start + " to " + (start + length) + " in dimension " + dimension);
        }
        long[] narrowed = shape.clone();
        narrowed[dimension] = length;
        return viewed(address + start * strides[dimension] * dtype.bytes(), narrowed, strides);
    }

    private Tensor viewed(long at, long[] newShape, long[] newStrides) {
        return new Tensor(at, dtype, device, newShape, newStrides, new Backing.Viewed(retain()));
    }

    /** The tensor's memory; only for contiguous tensors on the CPU, valid until the tensor is closed. */
    public MemorySegment segment() {
        requireOpen();
        if (!device.isCpu() || !isContiguous()) {
            throw new IllegalStateException(this + " has no memory segment");
        }
        return MemorySegment.ofAddress(address).reinterpret(bytes());
    }

    /** Where the first element lies, in the device's memory; valid until the tensor is closed. */
    public long address() {
        requireOpen();
        return address;
    }

    /** True if the elements follow each other without gaps. */
    public boolean isContiguous() {
        long expected = 1;
        for (int i = shape.length - 1; i >= 0; i--) {
            if (shape[i] != 1 && strides[i] != expected) {
                return elements() == 0;
            }
            expected *= shape[i];
        }
        return true;
    }

    /** Elements from one index of a dimension to the next. */
    public long stride(int dimension) {
        return strides[dimension];
    }

    /** Fills the tensor with the segment's bytes, which are of the tensor's own type. */
    public void copyFrom(MemorySegment source) {
        if (source.byteSize() != bytes()) {
            throw new ShapeException(source.byteSize() + " bytes do not fill " + this);
        }
        if (device.isCpu()) {
            segment().copyFrom(source);
            return;
        }
        try (Tensor staging = empty(dtype, Device.CPU, shape)) {
            staging.segment().copyFrom(source);
            copyFrom(staging);
        }
    }

    /** Writes the tensor's bytes to the segment. */
    public void copyTo(MemorySegment target) {
        if (device.isCpu() && isContiguous()) {
            target.copyFrom(segment());
            return;
        }
        try (Tensor staging = empty(dtype, Device.CPU, shape)) {
            staging.copyFrom(this);
            target.copyFrom(staging.segment());
        }
    }

    /** Takes over another tensor's elements, converted to this one's type and device. */
    public void copyFrom(Tensor source) {
        if (HostCopy.fits(source, this)) {
            HostCopy.run(source, this);
            return;
        }
        try (var _ = new PointerScope()) {
            raw().copy_(source.raw());
        } catch (RuntimeException e) {
            // Where the host waits for a GPU, failures of what it did before come out.
            throw CudaFailure.explain(e, device.isCpu() ? source.device : device);
        }
    }

    /** A copy in another type, on the same device. The caller closes it. */
    public Tensor to(DType type) {
        Tensor made = empty(type, device, shape);
        made.copyFrom(this);
        return made;
    }

    /** A copy on another device. The caller closes it. */
    public Tensor to(Device target) {
        Tensor made = empty(dtype, target, shape);
        made.copyFrom(this);
        return made;
    }

    /** A copy in the host's memory, made at a GPU's full speed where its pages can be locked. The caller closes it. */
    public Tensor toHost() {
        Tensor made = empty(dtype, Device.CPU, shape);
        if (!device.isCpu() && made.backing instanceof Backing.Pooled(var block)) {
            Memory.of(Device.CPU).lock(block, CudaDriver.of(device));
        }
        made.copyFrom(this);
        return made;
    }

    public void zero() {
        if (device.isCpu() && isContiguous()) {
            HostCopy.zero(this);
            return;
        }
        try (var _ = new PointerScope()) {
            raw().zero_();
        }
    }

    /** The elements as floats, whatever their type; for results and tests, not for speed. */
    public float[] toFloats() {
        float[] floats = new float[Math.toIntExact(elements())];
        try (Tensor converted = empty(DType.FLOAT32, Device.CPU, shape)) {
            converted.copyFrom(this);
            MemorySegment.copy(converted.segment(), ValueLayout.JAVA_FLOAT, 0, floats, 0, floats.length);
        }
        return floats;
    }

    /** libtorch's view of the memory. */
    public synchronized org.bytedeco.pytorch.Tensor raw() {
        requireOpen();
        if (raw == null) {
            Libtorch.ready();
            try (var _ = new PointerScope()) {
                var made = torch.from_blob(Raw.pointer(address), shape, strides, Raw.options(dtype, device));
                made.retainReference();
                raw = made;
            }
        }
        return raw;
    }

    private void requireOpen() {
        if (references <= 0) {
            throw new IllegalStateException("a tensor of shape " + Arrays.toString(shape) + " is used after its close");
        }
    }

    private static long elements(long[] shape) {
        long product = 1;
        for (long size : shape) {
            product = Math.multiplyExact(product, size);
        }
        return product;
    }

    @Override
    public String toString() {
        return dtype + Arrays.toString(shape) + " on " + device;
    }
}
