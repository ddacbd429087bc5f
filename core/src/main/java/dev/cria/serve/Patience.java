package dev.cria.serve;

import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionListener;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * How long the other side may take over its headers, over its body, and over reading one part of an answer. A socket's
 * own limit is for one byte that is read, and there is none for writing. A virtual thread that is interrupted while it
 * waits for a socket closes it.
 */
final class Patience implements Http1ConnectionListener {
    private final Duration longest;
    private final Map<Thread, CompletableFuture<Void>> headers = new ConcurrentHashMap<>();

    Patience(Duration longest) {
        this.longest = longest;
    }

    /** Something that the other side must do its part for. */
    @FunctionalInterface
    interface Exchanged<T> {
        T await() throws IOException;
    }

    /** How often a client that only waits is written to, to see whether it is still there: every two seconds, usually. */
    Duration betweenSigns() {
        return longest.dividedBy(30);
    }

    <T> T with(Exchanged<T> exchanged) throws IOException {
        CompletableFuture<Void> end = end();
        try {
            return exchanged.await();
        } finally {
            end.complete(null);
        }
    }

    @Override
    public void prologue(ConnectionContext connection, HttpPrologue prologue) {
        Thread reading = Thread.currentThread();
        CompletableFuture<Void> end = end();
        headers.put(reading, end);
        end.whenComplete((_, _) -> headers.remove(reading));
    }

    @Override
    public void headers(ConnectionContext connection, Headers read) {
        Optional.ofNullable(headers.get(Thread.currentThread())).ifPresent(end -> end.complete(null));
    }

    /** Interrupts this thread unless it is completed in time. */
    private CompletableFuture<Void> end() {
        Thread waiting = Thread.currentThread();
        CompletableFuture<Void> end = new CompletableFuture<>();
        end.orTimeout(longest.toMillis(), TimeUnit.MILLISECONDS).whenComplete((_, late) -> {
            if (late != null) {
                waiting.interrupt();
            }
        });
        return end;
    }
}
