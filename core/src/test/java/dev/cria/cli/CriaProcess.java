package dev.cria.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Cria in a process of its own, with the launcher's options and this class path; what it says goes to a file. */
final class CriaProcess {
    private final Path output;
    private final List<Process> started = new ArrayList<>();

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
        Process process = builder.start();
        started.add(process);
        return process;
    }

    /** Kills what still runs. */
    void end() {
        started.forEach(Process::destroyForcibly);
    }

    /** The command line that runs Cria as the launcher does, with these classes. */
    static List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("@" + Path.of("jvm.options").toAbsolutePath(), "-XX:+UseSerialGC"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(arguments);
        return command;
    }

    /** What the latest process has said. */
    String said() throws IOException {
        return Files.readString(output);
    }
}
