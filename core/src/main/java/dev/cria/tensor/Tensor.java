package dev.cria.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;

/**
 * A block of numbers on a device, in row-major order unless it is a view.
 *
 * <p>Native memory is counted: a new tensor has one reference, which belongs to whoever made it; {@link #retain()} adds
 * one, {@link #close()} takes one away, and the last one gives the memory back at once. A view keeps what it looks
 * into alive. A {@link Scope} closes what was made in it.
 */
public final class Tensor implements AutoCloseable {
    private final org.bytedeco.pytorch.Tensor raw;
    private final DType dtype;
    private final Device device;
    private final long[] shape;
    private final Backing backing;
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

    private Tensor(org.bytedeco.pytorch.Tensor raw, DType dtype, Device device, long[] shape, Backing backing) {
        this.raw = raw;
        this.dtype = dtype;
        this.device = device;
        this.shape = shape;
        this.backing = backing;
    }

    /** A tensor whose elements are whatever the memory held. The caller closes it. */
    public static Tensor empty(DType dtype, Device device, long... shape) {
        Libtorch.ready();
        long elements = elements(shape);
        Memory.Block block = Memory.of(device).acquire(Math.multiplyExact(elements, dtype.bytes()));
        try (var _ = new PointerScope()) {
            var raw = torch.from_blob(block.address(), shape, Raw.options(dtype, device));
            raw.retainReference();
            return new Tensor(raw, dtype, device, shape.clone(), new Backing.Pooled(block));
        }
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
        Libtorch.ready();
        if (!memory.isNative() || memory.byteSize() != elements(shape) * dtype.bytes()) {
            throw new ShapeException(memory.byteSize() + " bytes are no " + dtype + Arrays.toString(shape));
        }
        try (var _ = new PointerScope()) {
            var raw = torch.from_blob(Raw.pointer(memory), shape, Raw.options(dtype, Device.CPU));
            raw.retainReference();
            return new Tensor(raw, dtype, Device.CPU, shape.clone(), new Backing.Foreign());
        }
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
        raw.releaseReference();
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
        try (var _ = new PointerScope()) {
            return viewed(raw.view(newShape), newShape.clone());
        }
    }

    /** A matrix with its dimensions exchanged, as a strided view. The caller closes it. */
    public Tensor transposed() {
        try (var _ = new PointerScope()) {
            return viewed(raw.t(), new long[] {shape[1], shape[0]});
        }
    }

    /** [rows·parts, width] seen as [rows, parts, width]; of a strided view too. The caller closes it. */
    public Tensor splitRows(long rows, long parts) {
        try (var _ = new PointerScope()) {
            long[] split = {rows, parts, shape[1]};
            return viewed(raw.unflatten(0, new long[] {rows, parts}), split);
        }
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
        try (var _ = new PointerScope()) {
            return viewed(raw.narrow(dimension, start, length), narrowed);
        }
    }

    private Tensor viewed(org.bytedeco.pytorch.Tensor view, long[] newShape) {
        view.retainReference();
        return new Tensor(view, dtype, device, newShape, new Backing.Viewed(retain()));
    }

    /** The tensor's memory; only for contiguous tensors on the CPU, valid until the tensor is closed. */
    public MemorySegment segment() {
        requireOpen();
        if (!device.isCpu() || !raw.is_contiguous()) {
            throw new IllegalStateException(this + " has no memory segment");
        }
        try (var _ = new PointerScope()) {
            return MemorySegment.ofAddress(raw.data_ptr().address()).reinterpret(bytes());
        }
    }

    /** Where the first element lies, in the device's memory; valid until the tensor is closed. */
    long address() {
        requireOpen();
        try (var _ = new PointerScope()) {
            return raw.data_ptr().address();
        }
    }

    /** True if the elements follow each other without gaps. */
    boolean isContiguous() {
        return raw.is_contiguous();
    }

    /** Elements from one index of a dimension to the next. */
    long stride(int dimension) {
        return raw.stride(dimension);
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
        if (device.isCpu() && raw.is_contiguous()) {
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
        try (var _ = new PointerScope()) {
            raw.copy_(source.raw());
        } catch (RuntimeException e) {
            // Where the host waits for a GPU, failures of what it did before come out.
            throw CudaFailure.told(e, device.isCpu() ? source.device : device);
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
        try (var _ = new PointerScope()) {
            raw.zero_();
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

    org.bytedeco.pytorch.Tensor raw() {
        requireOpen();
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
