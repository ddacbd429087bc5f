package dev.cria.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** The command that this process was started with, as it can be typed again. */
final class Invocation {
    /** Class and arguments, separated by spaces, in every JVM that is known. */
    private static final String CLASS_AND_ARGUMENTS = "sun.java.command";

    private static final String COMMANDS = "dev.cria.cli.";

    private Invocation() {}

    /** Of another program, which trains through the library, the arguments are not told: they may be secrets. */
    static String commandLine() {
        String known = System.getProperty(CLASS_AND_ARGUMENTS, "");
        String mainClass = known.split(" ", 2)[0];
        if (!mainClass.startsWith(COMMANDS)) {
            return "java " + mainClass;
        }
        List<String> exact = arguments(mainClass);
        return exact.isEmpty() ? "./cria" + known.substring(mainClass.length()) : shown(exact);
    }

    /** A process's own arguments after its class: spaces in them are told from those between them. */
    private static List<String> arguments(String mainClass) {
        Path own = Path.of("/proc/self/cmdline");
        try {
            List<String> all = List.of(Files.readString(own).split("\0"));
            int main = all.indexOf(mainClass);
            return main < 0 ? List.of() : all.subList(main + 1, all.size());
        } catch (IOException _) {
            return List.of();
        }
    }

    static String shown(List<String> arguments) {
        return arguments.stream().map(Invocation::quoted).collect(Collectors.joining(" ", "./cria ", ""));
    }

    static String quoted(String argument) {
        return argument.matches("[\\w@%+=:,./-]+") ? argument : "'" + argument.replace("'", "'\\''") + "'";
    }
}
