package dev.cria.tensor;

import dev.cria.tensor.cuda.CudaDriver;
import dev.cria.tensor.cuda.CudaFailure;
import dev.cria.tensor.library.Libtorch;
import dev.cria.tensor.library.Raw;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The native memory of one device, handed out in blocks that are kept for reuse.
 *
 * <p>A training step asks for the same sizes again and again. Given back to the system, large blocks come back as pages
 * that fault on first touch, which halves the speed of large matrix products on the CPU; kept, a step after the first
 * allocates nothing. On CUDA libtorch's own caching allocator does this, so blocks are passed through.
 */
public final class Memory {
    private static final Map<Device, Memory> MEMORIES = new ConcurrentHashMap<>();

    /** Sizes are rounded up to this, so that nearly equal ones share blocks; also the alignment of rows. */
    private static final long GRAIN = 4096;

    private final Device device;
    private final TreeMap<Long, ArrayDeque<Block>> free = new TreeMap<>();
    private final Map<Long, CudaDriver> locked = new HashMap<>();
    private long liveBytes;
    private long freeBytes;
    private long peakLiveBytes;

    /** A piece of native memory. */
    record Block(long address, long bytes, Owner owner) {}

    /** Who gives the memory back. */
    private sealed interface Owner {
        /** The C library. */
        record Host(HostMemory memory) implements Owner {}

        /** A tensor of libtorch's. */
        record Torch(org.bytedeco.pytorch.Tensor tensor, Pointer pointer) implements Owner {}
    }

    private Memory(Device device) {
        this.device = device;
    }

    public static Memory of(Device device) {
        return MEMORIES.computeIfAbsent(device, Memory::new);
    }

    /** Bytes in tensors that are open. */
    public synchronized long liveBytes() {
        return liveBytes;
    }

    /** The most bytes that were ever in open tensors at one time. */
    public synchronized long peakLiveBytes() {
        return peakLiveBytes;
    }

    /** Bytes held for reuse. */
    public synchronized long freeBytes() {
        return freeBytes;
    }

    synchronized Block acquire(long bytes) {
        long size = Math.max(GRAIN, (bytes + GRAIN - 1) / GRAIN * GRAIN);
        Block block = reuse(size);
        if (block == null) {
            block = allocate(size);
        }
        liveBytes += block.bytes();
        peakLiveBytes = Math.max(peakLiveBytes, liveBytes);
        return block;
    }

    /** The smallest free block that fits and wastes at most a quarter. */
    private @Nullable Block reuse(long size) {
        var fitting = free.ceilingEntry(size);
        if (fitting == null || fitting.getKey() > size + size / 4) {
            return null;
        }
        Block block = fitting.getValue().removeLast();
        if (fitting.getValue().isEmpty()) {
            free.remove(fitting.getKey());
        }
        freeBytes -= block.bytes();
        return block;
    }

    private Block allocate(long size) {
        if (device.isCpu() && HostMemory.here().isPresent()) {
            HostMemory host = HostMemory.here().get();
            return new Block(host.allocate(size), size, new Owner.Host(host));
        }
        Libtorch.ready();
        try (var _ = new PointerScope()) {
            var owner = torch.empty(new long[] {size}, Raw.options(DType.INT8, device), null);
            var pointer = owner.data_ptr();
            owner.retainReference();
            pointer.retainReference();
            return new Block(pointer.address(), size, new Owner.Torch(owner, pointer));
        } catch (RuntimeException e) {
            throw CudaFailure.explain(e, device);
        }
    }

    /** Locks a block's pages, so that a GPU copies to them at its full speed; they stay so while the block is kept. */
    synchronized void lock(Block block, CudaDriver gpu) {
        long address = block.address();
        if (!locked.containsKey(address) && gpu.lock(address, block.bytes())) {
            locked.put(address, gpu);
        }
    }

    synchronized void release(Block block) {
        liveBytes -= block.bytes();
        if (device.isCpu()) {
            free.computeIfAbsent(block.bytes(), _ -> new ArrayDeque<>()).addLast(block);
            freeBytes += block.bytes();
        } else {
            free(block);
        }
    }

    /** Gives the blocks held for reuse back to the system, between phases of different sizes. */
    public synchronized void trim() {
        free.values().forEach(blocks -> blocks.forEach(this::free));
        free.clear();
        freeBytes = 0;
    }

    private void free(Block block) {
        CudaDriver gpu = locked.remove(block.address());
        if (gpu != null) {
            gpu.unlock(block.address());
        }
        switch (block.owner()) {
            case Owner.Host(var memory) -> memory.free(block.address());
            case Owner.Torch(var tensor, var pointer) -> {
                pointer.releaseReference();
                tensor.releaseReference();
            }
        }
    }
}
