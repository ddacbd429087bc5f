package dev.cria.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Cria in a process of its own, with the options and the class path of this one; what it says goes to a file. */
final class CriaProcess {
    private final Path output;

    CriaProcess(Path output) {
        this.output = output;
    }

    Process start(List<String> arguments) throws IOException {
        return start(Map.of(), arguments);
    }

    Process start(Map<String, String> environment, List<String> arguments) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command(arguments)).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** The command line that runs Cria as this process was run. */
    static List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(arguments);
        return command;
    }

    /** What the latest process has said. */
    String said() throws IOException {
        return Files.readString(output);
    }
}
