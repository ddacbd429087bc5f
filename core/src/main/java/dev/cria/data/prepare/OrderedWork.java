package dev.cria.data.prepare;

import dev.cria.WorkException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Work on many cores whose results come out in the order of its inputs. The caller's thread takes the inputs and the
 * results; only a few inputs a worker are ahead of the slowest, so that memory stays bounded.
 */
final class OrderedWork {
    private static final int AHEAD_PER_WORKER = 2;

    private OrderedWork() {}

    /** Applies {@code work} to each input on {@code workers} threads and hands the results over in order. */
    static <A, B> void run(Iterator<A> inputs, Function<A, B> work, Consumer<B> inOrder, int workers) {
        ExecutorService pool = Executors.newFixedThreadPool(
                workers, Thread.ofPlatform().daemon().name("prepare-", 1).factory());
        try {
            Deque<Future<B>> ahead = new ArrayDeque<>();
            while (inputs.hasNext()) {
                A input = inputs.next();
                ahead.add(pool.submit(() -> work.apply(input)));
                while (ahead.size() > workers * AHEAD_PER_WORKER || isDone(ahead)) {
                    inOrder.accept(result(ahead.remove()));
                }
            }
            while (!ahead.isEmpty()) {
                inOrder.accept(result(ahead.remove()));
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private static <B> boolean isDone(Deque<Future<B>> ahead) {
        Future<B> first = ahead.peek();
        return first != null && first.isDone();
    }

    private static <B> B result(Future<B> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case OutOfMemoryError _ -> throw outOfMemory();
                case Error cause -> throw cause;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }

    private static WorkException outOfMemory() {
        return new WorkException(
                "the documents at work do not fit in %d MiB of memory"
                        .formatted(Runtime.getRuntime().maxMemory() >> 20),
                "fewer at once: --workers 1; shorter ones: --max-document-bytes; or more memory:"
                        + " CRIA_JAVA_OPTS=-Xmx16g");
    }
}
