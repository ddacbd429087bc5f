package dev.cria.tensor;

import dev.cria.WorkException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.global.torch;

/** Loads libtorch once, safely, and calls those of its operators that have no Java method. */
final class Libtorch {
    private static final boolean READY = load();

    private Libtorch() {}

    /** Returns when libtorch is usable on this thread; every entry into it goes through here. */
    static void ready() {
        if (!READY) {
            throw new IllegalStateException("libtorch is not loaded");
        }
    }

    /**
     * JavaCPP extracts and loads libtorch's files one by one, and the first load on a machine then crashes: a library
     * is opened before those that it needs lie beside it. Extracting all of them first is the cure. The lock keeps two
     * processes that start together from reading half-written files.
     */
    private static boolean load() {
        System.setProperty("org.bytedeco.javacpp.maxBytes", "0");
        System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        try {
            Path cache = Loader.getCacheDir().toPath();
            Files.createDirectories(cache);
            Path lock = cache.resolve(".cria.lock");
            try (var channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var _ = channel.lock()) {
                String platform = Loader.getPlatform();
                Loader.cacheResources("/org/bytedeco/openblas/" + platform + "/");
                Loader.cacheResources("/org/bytedeco/pytorch/" + platform + "/");
                Loader.cacheResources("/org/bytedeco/pytorch/" + platform + "-gpu/");
            }
        } catch (IOException e) {
            throw new WorkException(
                    "the native libraries cannot be unpacked: " + e.getMessage(),
                    "give JavaCPP a writable folder: CRIA_JAVA_OPTS=-Dorg.bytedeco.javacpp.cachedir=/some/folder",
                    e);
        }
        if (isForCuda()) {
            CudaLibraries.here().load();
        }
        try {
            Loader.load(torch.class);
        } catch (UnsatisfiedLinkError e) {
            throw unloadable(e);
        }
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
    static boolean isForCuda() {
        String file = "/org/bytedeco/pytorch/" + Loader.getPlatform() + "-gpu/libtorch_cuda.so";
        return Libtorch.class.getResource(file) != null;
    }

    /** CUDA devices that libtorch can use; 0 with its CPU build. */
    static int cudaDevices() {
        ready();
        return torch.hasCUDA() ? torch.cuda_device_count() : 0;
    }

    /** An operator found by name, to be called through the boxed dispatcher (about 7 µs a call). */
    static OperatorHandle operator(String name, String overload) {
        ready();
        return Dispatcher.singleton().findSchemaOrThrow(name, overload);
    }

    /** Calls the operator; the caller's PointerScope owns what comes back. */
    static IValueVector call(OperatorHandle operator, IValue... arguments) {
        IValueVector stack = new IValueVector(arguments);
        operator.callBoxed(stack);
        return stack;
    }
}
