package dev.cria.cli;

import dev.cria.Progress;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;

/**
 * Draws a {@link ProgressLine} for the piece of work begun last; lines said meanwhile appear above it. The line of
 * finished work stays.
 */
final class TerminalProgress implements Progress {
    private static final int MILLISECONDS = 200;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintStream out;
    private final int width;
    private final List<Line> open = new ArrayList<>();

    TerminalProgress(PrintStream out, int width) {
        this.out = out;
        this.width = width;
    }

    @Override
    public Task begin(String name, String unit, long total) {
        Line line = new Line();
        synchronized (this) {
            open.add(line);
        }
        ProgressBar bar = new ProgressBarBuilder()
                .setTaskName(name)
                .setInitialMax(total)
                .setRenderer(new ProgressLine(unit))
                .setUpdateIntervalMillis(MILLISECONDS)
                .setConsumer(line)
                .build();
        return new Bar(bar, line);
    }

    @Override
    public synchronized void say(String words) {
        out.print(CLEAR_LINE + words + System.lineSeparator());
        if (!open.isEmpty()) {
            out.print(open.getLast().drawn);
        }
        out.flush();
    }

    /** Where one bar is drawn; the library calls it from its own thread. */
    private final class Line implements ProgressBarConsumer {
        private String drawn = "";

        @Override
        public int getMaxRenderedLength() {
            return width - 1;
        }

        @Override
        public void accept(String rendered) {
            synchronized (TerminalProgress.this) {
                drawn = rendered;
                if (!open.isEmpty() && open.getLast() == this) {
                    out.print(CLEAR_LINE + rendered);
                    out.flush();
                }
            }
        }

        /** The library calls this at the end of some bars and not of others: {@link #end} does the work. */
        @Override
        public void close() {}

        void end() {
            synchronized (TerminalProgress.this) {
                open.remove(this);
                out.print(CLEAR_LINE + drawn + System.lineSeparator());
                out.flush();
            }
        }
    }

    private record Bar(ProgressBar bar, Line line) implements Task {
        @Override
        public void advance(long amount) {
            bar.stepBy(amount);
        }

        @Override
        public void note(String words) {
            bar.setExtraMessage(" " + words);
        }

        @Override
        public void close() {
            bar.close();
            line.end();
        }
    }
}
