package dev.cria.parallel;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** This very Java with its options, to be started again with a share of the machine's cores. */
record JavaCommand(List<String> prefix, int cores) {
    /** Options that two processes cannot both have, or that are set anew. */
    private static final List<String> NOT_TAKEN_OVER =
            List.of("-agentlib:", "-javaagent:", "-XX:ActiveProcessorCount=");

    /** Variables by which the native libraries learn how many threads to use. */
    private static final List<String> THREADS = List.of("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS");

    /** The Java of this process, for one of several processes with so many cores each. */
    static JavaCommand ofThisProcess(Class<?> mainClass, int cores) {
        List<String> prefix = new ArrayList<>();
        prefix.add(ProcessHandle.current()
                .info()
                .command()
                .orElse(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> NOT_TAKEN_OVER.stream().noneMatch(option::startsWith))
                .forEach(prefix::add);
        // What Java's own workers, the garbage collector and the common pool take as the machine's size.
        prefix.add("-XX:ActiveProcessorCount=" + cores);
        prefix.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass.getName()));
        return new JavaCommand(List.copyOf(prefix), cores);
    }

    /** A process with these arguments, not yet started. */
    ProcessBuilder running(List<String> arguments) {
        List<String> whole = new ArrayList<>(prefix);
        whole.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(whole);
        THREADS.forEach(name -> builder.environment().putIfAbsent(name, String.valueOf(cores)));
        return builder;
    }

    /** Tells the native libraries to use so many threads, whatever a user has told them. */
    static void setThreads(Map<String, String> environment, int threads) {
        THREADS.forEach(name -> environment.put(name, String.valueOf(threads)));
    }
}
