package dev.cria.tensor.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.cria.WorkException;
import dev.cria.tensor.Device;
import dev.cria.tensor.ShapeException;
import dev.cria.tensor.cuda.CudaKernel.Unit;
import dev.cria.tensor.library.NativeLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One GPU through the driver that came with it: compiles the kernels for this GPU when they are first needed, and starts
 * them on the stream that libtorch uses, so that libtorch's operations and ours keep their order.
 */
public final class CudaDriver implements CudaLauncher {
    private static final Map<Integer, CudaDriver> DRIVERS = new ConcurrentHashMap<>();
    private static final String LIBRARY = "libcuda.so.1";
    private static final int CAPABILITY_MAJOR = 75;
    private static final int CAPABILITY_MINOR = 76;
    private static final int MOST_ARGUMENTS = 32;
    private static final int NAME_BYTES = 256;
    private static final int FOR_ALL_CONTEXTS = 1; // CU_MEMHOSTREGISTER_PORTABLE

    /** libtorch's: the default stream, to which each operation of the process on this device goes in turn. */
    private static final MemorySegment STREAM = MemorySegment.NULL;

    private final NativeLibrary library;
    private final int device;
    private final int capability;
    private final MemorySegment context;
    private final MethodHandle launchKernel;
    private final MethodHandle pushContext;
    private final MethodHandle popContext;
    private final MemorySegment popped = Arena.global().allocate(ADDRESS);
    private final Map<Unit, MemorySegment> modules = new HashMap<>();
    private final Map<CudaKernel, MemorySegment> functions = new HashMap<>();
    private final MemorySegment values = Arena.global().allocate(JAVA_LONG, MOST_ARGUMENTS);
    private final MemorySegment pointers = Arena.global().allocate(ADDRESS, MOST_ARGUMENTS);

    /** Bytes of a GPU's memory. */
    public record MemoryInfo(long free, long total) {}

    private CudaDriver(NativeLibrary library, int index) {
        this.library = library;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            require("cuInit", library.call("cuInit", 0));
            require("cuDeviceGet", library.call("cuDeviceGet", out, index));
            this.device = out.get(JAVA_INT, 0);
            this.capability = 10 * attribute(out, CAPABILITY_MAJOR, device) + attribute(out, CAPABILITY_MINOR, device);
            // The context that libtorch's runtime uses too.
            require("cuDevicePrimaryCtxRetain", library.call("cuDevicePrimaryCtxRetain", out, device));
            this.context = out.get(ADDRESS, 0);
        }
        this.launchKernel = library.bind(
                "cuLaunchKernel",
                ADDRESS,
                JAVA_INT,
                JAVA_INT,
                JAVA_INT,
                JAVA_INT,
                JAVA_INT,
                JAVA_INT,
                JAVA_INT,
                ADDRESS,
                ADDRESS,
                ADDRESS);
        this.pushContext = library.bind("cuCtxPushCurrent_v2", ADDRESS);
        this.popContext = library.bind("cuCtxPopCurrent_v2", ADDRESS);
        for (int i = 0; i < MOST_ARGUMENTS; i++) {
            pointers.setAtIndex(ADDRESS, i, values.asSlice(8L * i));
        }
    }

    /** The driver of a device that libtorch sees. */
    public static CudaDriver of(Device device) {
        return DRIVERS.computeIfAbsent(
                device.index(),
                index -> new CudaDriver(
                        NativeLibrary.open(LIBRARY)
                                .orElseThrow(() -> new WorkException(
                                        "the NVIDIA driver's library " + LIBRARY + " is not found",
                                        "install the driver; in a container, start it with access to the GPU"
                                                + " (--gpus all)")),
                        index));
    }

    private int attribute(MemorySegment out, int attribute, int device) {
        require("cuDeviceGetAttribute", library.call("cuDeviceGetAttribute", out, attribute, device));
        return out.get(JAVA_INT, 0);
    }

    /** Compute capability, major · 10 + minor: 90 for an H100. */
    public int capability() {
        return capability;
    }

    /** What its maker calls it. */
    public String name() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(NAME_BYTES);
            require("cuDeviceGetName", library.call("cuDeviceGetName", text, NAME_BYTES, device));
            return text.getString(0);
        }
    }

    @Override
    public synchronized void launch(CudaKernel kernel, long blocks, int threads, int sharedBytes, Number... arguments) {
        if (blocks < 1 || blocks > Integer.MAX_VALUE || sharedBytes > SHARED_BYTES) {
            throw new ShapeException(kernel + " cannot run in " + blocks + " blocks with " + sharedBytes + " bytes");
        }
        for (int i = 0; i < arguments.length; i++) {
            put(i, arguments[i]);
        }
        inContext(() -> {
            MemorySegment function = functions.get(kernel);
            if (function == null) {
                function = find(kernel);
                functions.put(kernel, function);
            }
            require("the start of " + kernel, start(function, (int) blocks, threads, sharedBytes));
        });
    }

    private void put(int index, Number argument) {
        switch (argument) {
            case Long whole -> values.set(JAVA_LONG, 8L * index, whole);
            case Float fraction -> values.set(JAVA_FLOAT, 8L * index, fraction);
            default -> throw new IllegalArgumentException("a kernel takes no " + argument.getClass());
        }
    }

    private int start(MemorySegment function, int blocks, int threads, int sharedBytes) {
        try {
            return (int) launchKernel.invokeExact(
                    function, blocks, 1, 1, threads, 1, 1, sharedBytes, STREAM, pointers, MemorySegment.NULL);
        } catch (Throwable e) {
            throw new IllegalStateException("cuLaunchKernel cannot be called", e);
        }
    }

    private MemorySegment find(CudaKernel kernel) {
        MemorySegment module = modules.computeIfAbsent(kernel.unit(), this::load);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            require(
                    kernel.toString(),
                    library.call("cuModuleGetFunction", out, module, arena.allocateFrom(kernel.name())));
            return out.get(ADDRESS, 0);
        }
    }

    private MemorySegment load(Unit unit) {
        byte[] code = Nvrtc.here().compile(unit.file() + ".cu", CudaSource.of(unit), capability);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            // PTX is a text that ends with a zero, which one byte more makes sure of.
            MemorySegment image = arena.allocate(code.length + 1L);
            MemorySegment.copy(code, 0, image, JAVA_BYTE, 0, code.length);
            require("loading " + unit, library.call("cuModuleLoadData", out, image));
            return out.get(ADDRESS, 0);
        }
    }

    /** What is free on the GPU, for all processes, and what there is. */
    public synchronized MemoryInfo memory() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment free = arena.allocate(JAVA_LONG);
            MemorySegment total = arena.allocate(JAVA_LONG);
            inContext(() -> require("cuMemGetInfo", library.call("cuMemGetInfo_v2", free, total)));
            return new MemoryInfo(free.get(JAVA_LONG, 0), total.get(JAVA_LONG, 0));
        }
    }

    /** Locks pages of the host's memory for copies; false where that cannot be had, which costs only speed. */
    public synchronized boolean lock(long address, long bytes) {
        var locked = new AtomicInteger();
        inContext(() -> locked.set(
                library.call("cuMemHostRegister_v2", MemorySegment.ofAddress(address), bytes, FOR_ALL_CONTEXTS)));
        return locked.get() == 0;
    }

    public synchronized void unlock(long address) {
        inContext(() -> library.call("cuMemHostUnregister", MemorySegment.ofAddress(address)));
    }

    /** Runs with this GPU's context as the thread's, and leaves the thread as it was. */
    private void inContext(Runnable body) {
        try {
            require("cuCtxPushCurrent", (int) pushContext.invokeExact(context));
            try {
                body.run();
            } finally {
                require("cuCtxPopCurrent", (int) popContext.invokeExact(popped));
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("the GPU's context cannot be set", e);
        }
    }

    private void require(String what, int code) {
        if (code == 0) {
            return;
        }
        throw new WorkException(
                "the GPU's driver fails at " + what + ": " + message(code).orElse("code " + code),
                "./cria doctor; with CUDA_LAUNCH_BLOCKING=1 a failing kernel is named where it runs");
    }

    private Optional<String> message(int code) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            return library.call("cuGetErrorString", code, out) == 0
                    ? Optional.of(out.get(ADDRESS, 0).reinterpret(1 << 10).getString(0))
                    : Optional.empty();
        }
    }
}
