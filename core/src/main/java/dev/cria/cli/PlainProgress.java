package dev.cria.cli;

import dev.cria.Progress;
import java.io.PrintStream;

/** Prints what is said, one line each, and draws nothing: for files, pipes and dumb terminals. */
final class PlainProgress implements Progress {
    private final PrintStream out;

    PlainProgress(PrintStream out) {
        this.out = out;
    }

    @Override
    public Task begin(String name, String unit, long total) {
        return Progress.silent().begin(name, unit, total);
    }

    @Override
    public void say(String line) {
        out.println(line);
    }
}
