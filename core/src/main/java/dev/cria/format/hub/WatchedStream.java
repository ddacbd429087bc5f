package dev.cria.format.hub;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A stream that is given up when nothing comes for a while: the client's own timeout ends with the answer's head, and a
 * server may send that and then fall silent without closing the connection.
 */
final class WatchedStream extends FilterInputStream {
    private static final int LOOKS_PER_PATIENCE = 4;

    private final Duration patience;
    private final ScheduledFuture<?> watch;
    private volatile long lastNanos = System.nanoTime();
    private volatile boolean reading;
    private volatile boolean givenUp;

    WatchedStream(InputStream in, Duration patience, ScheduledExecutorService clock) {
        super(in);
        this.patience = patience;
        long pause = Math.max(1, patience.toMillis() / LOOKS_PER_PATIENCE);
        this.watch = clock.scheduleWithFixedDelay(this::look, pause, pause, TimeUnit.MILLISECONDS);
    }

    private void look() {
        if (reading && System.nanoTime() - lastNanos > patience.toNanos()) {
            givenUp = true;
            try {
                // Wakes the thread that reads.
                in.close();
            } catch (IOException _) {
                // It is given up anyhow, and the reader says so.
            }
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        lastNanos = System.nanoTime();
        reading = true;
        try {
            int n = in.read(bytes, offset, length);
            if (givenUp) {
                throw stalled(null);
            }
            return n;
        } catch (IOException e) {
            throw givenUp ? stalled(e) : e;
        } finally {
            reading = false;
        }
    }

    private IOException stalled(@Nullable IOException cause) {
        return new IOException("the server sent nothing for " + patience.toMillis() / 1e3 + " s", cause);
    }

    @Override
    public void close() throws IOException {
        watch.cancel(false);
        super.close();
    }
}
