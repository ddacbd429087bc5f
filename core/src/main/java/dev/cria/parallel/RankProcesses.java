package dev.cria.parallel;

import dev.cria.WorkException;
import dev.cria.parallel.RankEnd.Cause;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.ProcessBuilder.Redirect;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/** The ranks of this machine as their launcher sees them: processes that end together. */
final class RankProcesses implements AutoCloseable {
    /** Time for the other ranks to end by themselves once one has failed. */
    private static final long GRACE_SECONDS = 12;

    private static final int SIGNALS = 128;

    private final PrintStream errors;
    private final Map<Integer, Process> processes = new LinkedHashMap<>();
    private final Map<Integer, RankErrors> told = new LinkedHashMap<>();
    private final BlockingQueue<Integer> ended = new LinkedBlockingQueue<>();
    private final Map<String, SignalHandler> before = new LinkedHashMap<>();
    private volatile Cause cause = Cause.THEIR_OWN;

    RankProcesses(PrintStream errors) {
        this.errors = errors;
        for (String name : List.of("INT", "TERM")) {
            before.put(name, Signal.handle(new Signal(name), _ -> stop(Cause.INTERRUPTION)));
        }
    }

    /** SIGTERM to all, which makes them write a checkpoint; a second interruption ends them. */
    synchronized void stop(Cause why) {
        Cause earlier = cause;
        cause = earlier == Cause.INTERRUPTION ? earlier : why;
        if (earlier == Cause.THEIR_OWN || earlier == Cause.INTERRUPTION && why == Cause.INTERRUPTION) {
            processes.values().forEach(RankProcesses::terminate);
        }
    }

    /** Through the handle: {@link Process#destroy()} would close the pipe to the rank as well, which ends it at once. */
    private static void terminate(Process process) {
        process.toHandle().destroy();
    }

    /** Starts a rank. The first one has the launcher's output; its input is a pipe that nothing comes through. */
    synchronized void start(int rank, ProcessBuilder builder) {
        boolean shown = processes.isEmpty();
        builder.redirectInput(Redirect.PIPE);
        builder.redirectOutput(shown ? Redirect.INHERIT : Redirect.DISCARD);
        builder.redirectError(shown ? Redirect.INHERIT : Redirect.PIPE);
        try {
            Process process = builder.start();
            processes.put(rank, process);
            if (!shown) {
                told.put(rank, RankErrors.read(rank, process.getErrorStream(), errors));
            }
            process.onExit().thenAccept(_ -> ended.add(rank));
            if (cause != Cause.THEIR_OWN) {
                terminate(process);
            }
        } catch (IOException e) {
            throw new WorkException(
                    "rank " + rank + " cannot be started: " + e.getMessage(), "ulimit -u shows how many may run", e);
        }
    }

    /** Waits for the end of all ranks; once one has failed, the others are given little time. */
    RankEnd await() {
        List<Integer> failed = new ArrayList<>();
        int left = processes.size();
        long deadline = Long.MAX_VALUE;
        while (left > 0) {
            Integer rank = nextEnded(deadline);
            if (rank == null) {
                break;
            }
            left--;
            if (code(rank) != 0) {
                failed.add(rank);
                deadline = cause == Cause.INTERRUPTION ? Long.MAX_VALUE : Math.min(deadline, graceFromNow());
            }
        }
        return conclude(failed);
    }

    private @Nullable Integer nextEnded(long deadline) {
        try {
            return deadline == Long.MAX_VALUE
                    ? ended.take()
                    : ended.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private static long graceFromNow() {
        return System.nanoTime() + TimeUnit.SECONDS.toNanos(GRACE_SECONDS);
    }

    private RankEnd conclude(List<Integer> failed) {
        if (failed.isEmpty()) {
            return new RankEnd(0, 0, cause);
        }
        int blamed = failed.stream().filter(r -> code(r) > SIGNALS).findFirst().orElse(failed.getFirst());
        int first = processes.keySet().iterator().next();
        boolean firstHasTold = failed.contains(first) && code(first) < SIGNALS;
        if (told.containsKey(blamed) && !firstHasTold && code(blamed) < SIGNALS) {
            told.get(blamed).printHeld();
        }
        return new RankEnd(blamed, code(blamed), cause);
    }

    private int code(int rank) {
        Process process = processes.get(rank);
        return process == null || process.isAlive() ? 0 : process.exitValue();
    }

    /** Ends what is left of the ranks. */
    @Override
    public void close() {
        processes.values().forEach(Process::destroyForcibly);
        for (Process process : processes.values()) {
            process.onExit().join();
        }
        told.values().forEach(RankErrors::finish);
        before.forEach((name, handler) -> Signal.handle(new Signal(name), handler));
    }
}
