package dev.cria.parallel;

import dev.cria.parallel.RankEnd.Cause;
import dev.cria.tensor.Threads;
import java.io.PrintStream;
import java.util.List;

/**
 * Commands of this program that run in a process of their own, one after another, with this one's threads. Ctrl-C reaches
 * it, and it ends when this process is killed; what it says is shown where this process's words are.
 */
public final class OwnProcess {
    private static final int INTERRUPTED = 130;

    private final JavaCommand java;
    private final PrintStream errors;

    /** @param mainClass takes a command line */
    public OwnProcess(Class<?> mainClass, PrintStream errors) {
        this.java = JavaCommand.ofThisProcess(mainClass, Threads.ofThisProcess().count());
        this.errors = errors;
    }

    /**
     * Runs a command to its end.
     *
     * @param arguments of the command; a training that an earlier attempt has begun is continued
     * @return its exit code, over 128 if a signal ended it, 130 if somebody asked it or this process to stop
     */
    public int run(List<String> arguments) {
        try (RankProcesses one = new RankProcesses(errors)) {
            ProcessBuilder builder = java.running(arguments);
            builder.environment().put(Launched.BY_LAUNCHER, "1");
            builder.environment().put(Launched.RESTARTS, "1");
            one.start(0, builder);
            RankEnd end = one.await();
            return end.cause() == Cause.INTERRUPTION ? INTERRUPTED : end.code();
        }
    }
}
