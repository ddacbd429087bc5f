package dev.cria.data.prepare;

import dev.cria.Progress;
import java.util.Locale;

/** Shows how fast documents and bytes go by. */
final class Rate implements AutoCloseable {
    private static final double NANOS = 1e9;
    private static final double MEGA = 1e6;

    private final Progress.Task task;
    private final long start = System.nanoTime();
    private long bytes;
    private long documents;

    private Rate(Progress.Task task) {
        this.task = task;
    }

    static Rate begin(Progress progress, String name, long bytes) {
        return new Rate(progress.begin(name, "bytes", bytes));
    }

    void advance(long moreBytes, long moreDocuments) {
        bytes += moreBytes;
        documents += moreDocuments;
        double seconds = (System.nanoTime() - start) / NANOS;
        task.advance(moreBytes);
        task.note(String.format(
                Locale.ROOT, "%,.0f documents/s  %.1f MB/s", documents / seconds, bytes / MEGA / seconds));
    }

    /** Passes what was done before, which counts for the bar but not for the speed. */
    void skip(long skippedBytes) {
        task.advance(skippedBytes);
    }

    @Override
    public void close() {
        task.close();
    }
}
