package dev.cria.tensor;

import java.io.IOException;
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
}
