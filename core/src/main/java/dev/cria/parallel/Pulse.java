package dev.cria.parallel;

import dev.cria.WorkException;
import dev.cria.tensor.library.SharedStore;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells the other ranks that this one lives, and finds out which of them does not, or has failed.
 *
 * <p>Each rank counts a number of its own up in the shared store, once a second, and reads those of the others. Time is
 * counted in readings, not by the clock, so that a machine that slept, or processes that were stopped together, mistake
 * nobody for dead. The sums themselves have no time limit: one rank may evaluate for an hour while the others wait.
 */
final class Pulse implements AutoCloseable {
    private static final long MILLIS_BETWEEN_BEATS = 1000;

    /** Beats after which a rank that stands still is lost. */
    private static final int SILENCE = 20;

    /** The same for one that has not come yet: machines of a cluster may start minutes apart. */
    private static final int SILENCE_BEFORE_THE_FIRST = 900;

    /** The same, once a connection broke: then it is only the question which one. */
    private static final int SILENCE_UNDER_SUSPICION = 4;

    /** How long a computing thread that has noticed too may take to unwind in order, before the process ends without. */
    private static final long MILLIS_FOR_UNWINDING = 3000;

    private final SharedStore store;
    private final int rank;
    private final int[] silence;
    private final long[] beats;
    private final Consumer<RuntimeException> ending;
    private final CompletableFuture<RuntimeException> verdict = new CompletableFuture<>();
    private final AtomicBoolean taken = new AtomicBoolean();
    private volatile boolean suspicion;
    private volatile boolean closing;
    private volatile long readings;

    private Pulse(SharedStore store, int rank, int size, Consumer<RuntimeException> ending) {
        this.store = store;
        this.rank = rank;
        this.silence = new int[size];
        this.beats = new long[size];
        this.ending = ending;
    }

    static Pulse start(SharedStore store, int rank, int size, Consumer<RuntimeException> ending) {
        Pulse made = new Pulse(store, rank, size, ending);
        Thread.ofPlatform().daemon().name("pulse").start(made::beat);
        Thread.ofPlatform().daemon().name("pulse-watch").start(made::watchStore);
        return made;
    }

    /** A connection broke: waits to know why, and makes it the caller's to tell. */
    RuntimeException verdict() {
        suspicion = true;
        taken.set(true);
        return verdict.join();
    }

    private void beat() {
        while (!closing && !verdict.isDone()) {
            RuntimeException found = reading();
            if (found != null) {
                decide(found);
                return;
            }
            readings++;
            pause(MILLIS_BETWEEN_BEATS);
        }
    }

    /** One look at the store; the reason to end, if there is one. */
    private @Nullable RuntimeException reading() {
        try {
            store.add(name(rank), 1);
            var failure = store.get(FAILURE).flatMap(Failure::fromText);
            if (failure.isPresent()) {
                store.add(SEEN, 1);
                return failure.get().elsewhere();
            }
            for (int other = 0; other < beats.length; other++) {
                long there = store.add(name(other), 0);
                silence[other] = there == beats[other] ? silence[other] + 1 : 0;
                beats[other] = there;
                if (other != rank && silence[other] >= limit(there)) {
                    return lost("rank " + other);
                }
            }
            return null;
        } catch (RuntimeException _) {
            return lost("rank 0, at which all ranks meet,");
        }
    }

    private int limit(long beatsSoFar) {
        if (suspicion) {
            return SILENCE_UNDER_SUSPICION;
        }
        return beatsSoFar == 0 ? SILENCE_BEFORE_THE_FIRST : SILENCE;
    }

    /** The store's keeper may be gone without a word: then the call that reads it never returns. */
    private void watchStore() {
        long seen = -1;
        for (int still = 0; still < SILENCE; still++) {
            pause(MILLIS_BETWEEN_BEATS);
            if (closing || verdict.isDone()) {
                return;
            }
            if (seen != readings) {
                seen = readings;
                still = 0;
            }
        }
        decide(lost("rank 0, at which all ranks meet,"));
    }

    private void decide(RuntimeException found) {
        if (closing || !verdict.complete(found)) {
            return;
        }
        pause(MILLIS_FOR_UNWINDING);
        if (!closing && taken.compareAndSet(false, true)) {
            ending.accept(found);
        }
    }

    private static WorkException lost(String who) {
        return new WorkException(
                who + " is lost: its process or its machine has ended",
                "look at that rank's own output and at the machine's memory; --resume continues from the last"
                        + " checkpoint, and ./cria launch --max-restarts N does so by itself");
    }

    /** Tells the others why this rank ends; returns when they know, if that must be waited for. */
    void fail(Failure failure, Farewell farewell) {
        closing = true;
        try {
            store.setIfAbsent(FAILURE, failure.toText());
            store.add(SEEN, 1);
            for (int i = 0; farewell == Farewell.WHEN_ALL_KNOW && i < 50 && store.add(SEEN, 0) < beats.length; i++) {
                pause(100);
            }
        } catch (RuntimeException _) {
            // Whoever kept the store has ended, so the others know already.
        }
    }

    /** Whether a rank that fails may go at once. */
    enum Farewell {
        AT_ONCE,
        /** The rank that keeps the store takes it along. */
        WHEN_ALL_KNOW
    }

    private static final String FAILURE = "failure";
    private static final String SEEN = "failure-seen";

    private static String name(int rank) {
        return "beats-" + rank;
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Says that this rank is about to end in order, so that what the others do no longer matters. */
    @Override
    public void close() {
        closing = true;
    }
}
