package dev.cria.tensor;

import dev.cria.WorkException;

/**
 * Java's Vector API, in which the CPU's kernels are written. It is an incubating module, absent from a JVM that nobody
 * has asked for it.
 *
 * <p>{@code --add-modules} asks for it at the start and makes the JVM print a warning on standard error that no option
 * silences, before help texts and refusals too. So it is loaded here, before a command runs, in the way in which the
 * JDK itself loads the modules of its monitoring agents. That way is internal: where a later JDK closes it, the refusal
 * names the option.
 */
public final class VectorApi {
    private static final String MODULE = "jdk.incubator.vector";

    private VectorApi() {}

    /** Makes the module's classes available to all that follows; does nothing if they are. */
    public static void load() {
        if (isLoaded()) {
            return;
        }
        try {
            Class.forName("jdk.internal.module.Modules")
                    .getMethod("loadModule", String.class)
                    .invoke(null, MODULE);
        } catch (ReflectiveOperationException e) {
            throw new WorkException(
                    "this JVM runs without the module " + MODULE + ", in which Cria computes",
                    "add --add-modules " + MODULE + " to the options of java",
                    e);
        }
    }

    private static boolean isLoaded() {
        try {
            Class.forName(MODULE + ".Vector", false, null);
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}
