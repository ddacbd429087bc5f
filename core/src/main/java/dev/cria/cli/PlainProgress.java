package dev.cria.cli;

import dev.cria.Progress;
import java.io.PrintStream;

/** Prints what is said, and now and then how a task goes, and draws nothing: for files, pipes and dumb terminals. */
final class PlainProgress implements Progress {
    private static final long SECONDS_BETWEEN_NOTES = 5;

    private final PrintStream out;

    PlainProgress(PrintStream out) {
        this.out = out;
    }

    @Override
    public Task begin(String name, String unit, long total) {
        return new Notes();
    }

    @Override
    public void say(String line) {
        out.println(line);
    }

    /** Prints a task's words now and then. */
    private final class Notes implements Task {
        private long printed;

        @Override
        public void advance(long amount) {}

        @Override
        public synchronized void note(String words) {
            long now = System.nanoTime();
            if (printed == 0 || now - printed > SECONDS_BETWEEN_NOTES * 1_000_000_000L) {
                printed = now;
                out.println(words);
            }
        }

        @Override
        public void close() {}
    }
}
