package dev.cria.tensor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;

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
            Kernels.of(Device.CPU, Kernels.Choice.AUTO).linear(x, x, y, Into.OVERWRITE);
            float[] product = y.toFloats();
            return Arrays.equals(product, new float[] {5, 11, 11, 25})
                    ? Optional.empty()
                    : Optional.of("a product of small matrices is " + Arrays.toString(product));
        } catch (RuntimeException | LinkageError e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return Optional.of(String.valueOf(cause.getMessage()));
        }
    }

    /** GPUs that libtorch can compute on; call only where {@link #problem} is none. */
    public static int cudaDevices() {
        return Libtorch.cudaDevices();
    }
}
