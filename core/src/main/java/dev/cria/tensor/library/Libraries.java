package dev.cria.tensor.library;

import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Elementwise;
import dev.cria.tensor.Into;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.MatrixProduct;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import dev.cria.tensor.cuda.CudaDriver;
import dev.cria.tensor.cuda.CudaLibraries;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/** The versions of the native libraries. */
public final class Libraries {

    private Libraries() {}

    /** libtorch's and its bindings' version, such as 2.10.0-1.5.13. */
    public static String libtorch() {
        try {
            return Loader.getVersion("org.bytedeco", "pytorch");
        } catch (IOException _) {
            return "unknown";
        }
    }

    /** Threads that libtorch forms a sum with on the CPU. */
    public static int threads() {
        Libtorch.ready();
        return torch.get_num_threads();
    }

    /** Where the native libraries are unpacked to. */
    public static Path cache() {
        String chosen = System.getProperty("org.bytedeco.javacpp.cachedir");
        return chosen != null ? Path.of(chosen) : Path.of(System.getProperty("user.home"), ".javacpp", "cache");
    }

    /** Why the native libraries do not load, or multiply wrongly; nothing where they are well. */
    public static Optional<String> problem() {
        try (var scope = new Scope()) {
            Tensor x = scope.own(Tensor.of(new float[] {1, 2, 3, 4}, 2, 2));
            Tensor y = scope.empty(DType.FLOAT32, Device.CPU, 2, 2);
            Kernels.of(Device.CPU, Kernels.Choice.AUTO).run(new MatrixProduct.Forward(x, x, y, Into.OVERWRITE));
            float[] product = y.toFloats();
            return Arrays.equals(product, new float[] {5, 11, 11, 25})
                    ? Optional.empty()
                    : Optional.of("a product of small matrices is " + Arrays.toString(product));
        } catch (RuntimeException | LinkageError e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return Optional.of(String.valueOf(cause.getMessage()));
        }
    }

    /** True if this libtorch is the one that can compute on GPUs. */
    public static boolean areForCuda() {
        return Libtorch.isForCuda();
    }

    /**
     * CUDA's own libraries, which this libtorch does not bring.
     *
     * @param folders where they were found
     * @param missing the files that are nowhere
     * @param remedy the command that brings those; empty where nothing is missing
     */
    public record Cuda(List<Path> folders, List<String> missing, String remedy) {}

    /** What of CUDA is on this machine. */
    public static Cuda cuda() {
        var here = CudaLibraries.here();
        return new Cuda(
                here.foundIn().toList(),
                here.missing().stream().map(CudaLibraries.Library::file).toList(),
                here.remedy().orElse(""));
    }

    /**
     * A GPU that libtorch sees.
     *
     * @param capability its compute capability, major · 10 + minor: 90 for an H100
     */
    public record Gpu(String name, int capability) {
        private static final int FIRST_WITH_BF16 = 80;

        /** True if it multiplies bfloat16 matrices fast. */
        public boolean hasFastBf16() {
            return capability >= FIRST_WITH_BF16;
        }

        @Override
        public String toString() {
            return name + ", compute capability " + capability / 10 + "." + capability % 10;
        }
    }

    /** What a GPU is. */
    public static Gpu gpu(Device device) {
        CudaDriver driver = CudaDriver.of(device);
        return new Gpu(driver.name(), driver.capability());
    }

    /** Bytes free on a GPU, and of all its memory. */
    public record GpuMemory(long free, long total) {}

    /** The memory of a GPU that libtorch sees. */
    public static GpuMemory memory(Device gpu) {
        var memory = CudaDriver.of(gpu).memory();
        return new GpuMemory(memory.free(), memory.total());
    }

    /** Why Cria's own kernels do not run on a GPU that libtorch sees, or compute wrongly; nothing where they are well. */
    public static Optional<String> problem(Device gpu) {
        try (var scope = new Scope()) {
            Tensor x = moved(Tensor.of(new float[] {1, 2, 3, 4}, 2, 2), gpu, scope);
            Tensor y = scope.empty(DType.FLOAT32, gpu, 2, 2);
            Kernels kernels = Kernels.of(gpu, Kernels.Choice.AUTO);
            kernels.run(new MatrixProduct.Forward(x, x, y, Into.OVERWRITE));
            kernels.run(new Elementwise.Add(x, y));
            float[] sum = y.toFloats();
            return Arrays.equals(sum, new float[] {6, 13, 14, 29})
                    ? Optional.empty()
                    : Optional.of("a product and a sum of small matrices are " + Arrays.toString(sum));
        } catch (RuntimeException | LinkageError e) {
            return Optional.of(
                    String.valueOf(e.getMessage()).lines().findFirst().orElse(e.toString()));
        }
    }

    private static Tensor moved(Tensor host, Device device, Scope scope) {
        try (host) {
            return scope.own(host.to(device));
        }
    }

    /** GPUs that libtorch can compute on; call only where {@link #problem()} is none. */
    public static int cudaDevices() {
        return Libtorch.cudaDevices();
    }
}
