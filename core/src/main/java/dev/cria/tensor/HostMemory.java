package dev.cria.tensor;

import dev.cria.WorkException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Native memory from the C library, so that a program that calls none of libtorch's operators need not load it. Large
 * blocks stand on large pages where {@code THP_MEM_ALLOC_ENABLE} is 1, as libtorch's own would.
 */
final class HostMemory {
    private static final Optional<HostMemory> HERE = find();

    private static final long ALIGNMENT = 4096;
    private static final long LARGE_PAGE = 1 << 21;
    private static final int MADV_HUGEPAGE = 14;

    private final MethodHandle allocate;
    private final MethodHandle free;
    private final Optional<MethodHandle> advise;

    private HostMemory(MethodHandle allocate, MethodHandle free, Optional<MethodHandle> advise) {
        this.allocate = allocate;
        this.free = free;
        this.advise = advise;
    }

    /** The C library's, where it has C11's function for aligned blocks; Windows' has not. */
    static Optional<HostMemory> here() {
        return HERE;
    }

    private static Optional<HostMemory> find() {
        Linker linker = Linker.nativeLinker();
        SymbolLookup symbols = linker.defaultLookup();
        var size = ValueLayout.JAVA_LONG;
        var pointer = ValueLayout.ADDRESS;
        boolean large = "1".equals(System.getenv("THP_MEM_ALLOC_ENABLE"))
                && System.getProperty("os.name", "").startsWith("Linux");
        var allocate = symbols.find("aligned_alloc")
                .map(s -> linker.downcallHandle(s, FunctionDescriptor.of(pointer, size, size)));
        var free = symbols.find("free").map(s -> linker.downcallHandle(s, FunctionDescriptor.ofVoid(pointer)));
        Optional<MethodHandle> advise = large
                ? symbols.find("madvise")
                        .map(s -> linker.downcallHandle(
                                s, FunctionDescriptor.of(ValueLayout.JAVA_INT, pointer, size, ValueLayout.JAVA_INT)))
                : Optional.empty();
        return allocate.isPresent() && free.isPresent()
                ? Optional.of(new HostMemory(allocate.get(), free.get(), advise))
                : Optional.empty();
    }

    /** The address of undefined memory, at a page's start. */
    long allocate(long bytes) {
        long alignment = bytes >= LARGE_PAGE ? LARGE_PAGE : ALIGNMENT;
        long size = (bytes + alignment - 1) / alignment * alignment;
        try {
            var made = (MemorySegment) allocate.invokeExact(alignment, size);
            if (made.address() == 0) {
                throw new WorkException(
                        "the machine has no room for another %.1f GB; tensors take %.1f GB"
                                .formatted(bytes / 1e9, Memory.of(Device.CPU).liveBytes() / 1e9),
                        "a smaller batch.micro_batch, --set precision.recompute=blocks or optimizer.state=int8;"
                                + " ./cria plan adds up what a configuration needs");
            }
            if (advise.isPresent() && alignment == LARGE_PAGE) {
                // What it answers doesn't matter: without large pages the memory is as good, and slower.
                int _ = (int) advise.get().invokeExact(made, size, MADV_HUGEPAGE);
            }
            return made.address();
        } catch (WorkException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("native memory cannot be allocated", e);
        }
    }

    void free(long address) {
        try {
            free.invokeExact(MemorySegment.ofAddress(address));
        } catch (Throwable e) {
            throw new IllegalStateException("native memory cannot be freed", e);
        }
    }
}
