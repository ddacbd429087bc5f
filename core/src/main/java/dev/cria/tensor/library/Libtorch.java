package dev.cria.tensor.library;

import dev.cria.WorkException;
import dev.cria.tensor.Threads;
import dev.cria.tensor.cuda.CudaLibraries;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.global.torch;

/** Loads libtorch once, safely, and calls those of its operators that have no Java method. */
public final class Libtorch {
    private Libtorch() {}

    /** Loaded when it is first asked for: much of decoding is done without. */
    private static final class Loaded {
        static final boolean READY = load();
    }

    /** Returns when libtorch is usable on this thread; every entry into it goes through here. */
    public static void ready() {
        if (!Loaded.READY) {
            throw new IllegalStateException("libtorch is not loaded");
        }
    }

    private static boolean load() {
        NativeFiles.ready();
        if (isForCuda()) {
            CudaLibraries.here().load();
        }
        try {
            Loader.load(torch.class);
        } catch (UnsatisfiedLinkError e) {
            throw unloadable(e);
        }
        Threads.ofThisProcess().chosen().ifPresent(torch::set_num_threads);
        return true;
    }

    private static WorkException unloadable(UnsatisfiedLinkError e) {
        var missing = CudaLibraries.here().missing();
        if (!isForCuda() || missing.isEmpty()) {
            return new WorkException("libtorch cannot be loaded: " + e.getMessage(), "./cria doctor", e);
        }
        String files = missing.stream().map(CudaLibraries.Library::file).collect(Collectors.joining(", "));
        return new WorkException(
                "libtorch's CUDA build does not load, and these libraries of CUDA " + CudaLibraries.VERSION
                        + " are nowhere: " + files,
                CudaLibraries.here().remedy().orElse("install CUDA " + CudaLibraries.VERSION)
                        + ", or CRIA_CUDA=0 ./cria … for libtorch without CUDA",
                e);
    }

    /** True if the libtorch of this class path is the one for GPUs. */
    public static boolean isForCuda() {
        String file = "/org/bytedeco/pytorch/" + Loader.getPlatform() + "-gpu/libtorch_cuda.so";
        return Libtorch.class.getResource(file) != null;
    }

    /** CUDA devices that libtorch can use; 0 with its CPU build. */
    public static int cudaDevices() {
        if (!isForCuda()) {
            return 0;
        }
        ready();
        return torch.hasCUDA() ? torch.cuda_device_count() : 0;
    }

    /** An operator found by name, to be called through the boxed dispatcher (about 7 µs a call). */
    public static OperatorHandle operator(String name, String overload) {
        ready();
        return Dispatcher.singleton().findSchemaOrThrow(name, overload);
    }

    /** Calls the operator; the caller's PointerScope owns what comes back. */
    public static IValueVector call(OperatorHandle operator, IValue... arguments) {
        IValueVector stack = new IValueVector(arguments);
        operator.callBoxed(stack);
        return stack;
    }
}
