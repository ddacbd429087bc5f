package dev.cria.data;

import java.lang.foreign.Arena;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Prepares the next micro-batches on a thread of its own while the present one is computed with, so that disks and page
 * faults cost the training nothing. Three batches circulate: one in use, one ready, one being filled. Not safe for
 * use by many threads.
 */
public final class Prefetch implements AutoCloseable {
    private static final int BATCHES = 3;

    /** What the thread hands over: a batch, or the reason why there will be no more. */
    private sealed interface Delivery {
        record Filled(Batch batch) implements Delivery {}

        record Failed(Throwable reason) implements Delivery {}
    }

    private final Arena arena = Arena.ofShared();
    private final BlockingQueue<Batch> empty = new ArrayBlockingQueue<>(BATCHES);
    private final BlockingQueue<Delivery> ready = new ArrayBlockingQueue<>(BATCHES);
    private final Thread thread;
    private @Nullable Batch inUse;

    private Prefetch(Windows windows, int rows, LongUnaryOperator positionOf) {
        for (int i = 0; i < BATCHES; i++) {
            empty.add(Batch.allocate(arena, rows, windows.sequenceLength()));
        }
        thread = Thread.ofPlatform().daemon().name("prefetch").unstarted(() -> fill(windows, positionOf));
    }

    /**
     * Begins to read.
     *
     * @param rows in each micro-batch
     * @param positionOf position of the first window of the k-th micro-batch asked for, k = 0, 1, …
     */
    public static Prefetch start(Windows windows, int rows, LongUnaryOperator positionOf) {
        Prefetch prefetch = new Prefetch(windows, rows, positionOf);
        prefetch.thread.start();
        return prefetch;
    }

    private void fill(Windows windows, LongUnaryOperator positionOf) {
        try {
            for (long k = 0; ; k++) {
                Batch batch = empty.take();
                windows.read(positionOf.applyAsLong(k), batch);
                ready.put(new Delivery.Filled(batch));
            }
        } catch (InterruptedException _) {
            // close() asked for the end.
        } catch (RuntimeException | Error e) {
            ready.add(new Delivery.Failed(e));
        }
    }

    /** The next micro-batch, valid until the next call or {@link #close}. A failure to read comes out here. */
    public Batch next() {
        if (inUse != null) {
            empty.add(inUse);
            inUse = null;
        }
        return switch (take()) {
            case Delivery.Filled filled -> inUse = filled.batch();
            case Delivery.Failed failed -> {
                ready.add(failed);
                switch (failed.reason()) {
                    case RuntimeException e -> throw e;
                    case Error e -> throw e;
                    case Throwable e -> throw new IllegalStateException(e);
                }
            }
        };
    }

    private Delivery take() {
        try {
            return ready.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a batch", e);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        arena.close();
    }
}
