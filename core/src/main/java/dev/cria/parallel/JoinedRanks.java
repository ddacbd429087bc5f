package dev.cria.parallel;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.cria.WorkException;
import dev.cria.parallel.Pulse.Farewell;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Tensor;
import dev.cria.tensor.library.Collectives;
import dev.cria.tensor.library.Collectives.Pending;
import dev.cria.tensor.library.SharedStore;
import dev.cria.tensor.library.SharedStore.Keeper;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Ranks in processes of their own, which have met. */
final class JoinedRanks implements Ranks {
    /** Machines of a cluster may start minutes apart, when some still fetch an image. */
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    /** Long against a look, short against writing a checkpoint. */
    private static final long LOOK_NANOS = 10_000_000;

    private final Rendezvous rendezvous;
    private final SharedStore store;
    private final Collectives collectives;
    private final Pulse pulse;
    private boolean failed;
    private int questions;

    private JoinedRanks(Rendezvous rendezvous, SharedStore store, Collectives collectives, Pulse pulse) {
        this.rendezvous = rendezvous;
        this.store = store;
        this.collectives = collectives;
        this.pulse = pulse;
    }

    static JoinedRanks join(Rendezvous r, Consumer<RuntimeException> ending) {
        SharedStore store = SharedStore.open(Networks.meetingPlace(r), r.port(), keeper(r), prefix(r), PATIENCE);
        Pulse pulse = Pulse.start(store, r.rank(), r.size(), ending);
        try {
            return new JoinedRanks(r, store, Collectives.join(store, r.rank(), r.size(), Networks.towards(r)), pulse);
        } catch (RuntimeException e) {
            throw new WorkException(
                    "rank " + r.rank() + " cannot connect to the other " + (r.size() - 1) + " ranks: " + e.getMessage(),
                    "name the network interface that the machines share: GLOO_SOCKET_IFNAME=eth0",
                    e);
        }
    }

    private static Keeper keeper(Rendezvous r) {
        return r.rank() == 0 && r.agentAttempt().isEmpty() ? Keeper.THIS_PROCESS : Keeper.ANOTHER;
    }

    /**
     * torchrun keeps one store for all attempts; this is how torch itself tells them apart. Whoever does not know the
     * secret sets names that no rank looks at.
     */
    private static String prefix(Rendezvous r) {
        return r.agentAttempt().map(attempt -> "/worker/attempt_" + attempt).orElse("")
                + r.secret().map(secret -> "/" + secret).orElse("");
    }

    @Override
    public int rank() {
        return rendezvous.rank();
    }

    @Override
    public int size() {
        return rendezvous.size();
    }

    @Override
    public int localRank() {
        return rendezvous.localRank();
    }

    @Override
    public int localSize() {
        return rendezvous.localSize();
    }

    @Override
    public Pending beginSum(Tensor tensor) {
        return begin(() -> collectives.sum(tensor));
    }

    @Override
    public Pending beginExchange(Tensor outgoing, long[] counts, Tensor incoming, long[] incomingCounts) {
        return begin(() -> collectives.exchange(outgoing, counts, incoming, incomingCounts));
    }

    @Override
    public Pending beginBroadcast(Tensor tensor, int from) {
        return begin(() -> collectives.broadcast(tensor, from));
    }

    private Pending begin(Supplier<Pending> start) {
        Pending begun = exchange(start);
        return () -> exchange(() -> {
            begun.await();
            return Optional.empty();
        });
    }

    /** A connection that breaks means that another rank has failed or is lost: that one is to be named. */
    private <T> T exchange(Supplier<T> exchange) {
        try {
            return exchange.get();
        } catch (RuntimeException e) {
            failed = true;
            RuntimeException verdict = pulse.verdict();
            verdict.addSuppressed(e);
            throw verdict;
        }
    }

    @Override
    public double[][] gather(double... numbers) {
        int width = numbers.length;
        try (Tensor table = Tensor.zeros(DType.FLOAT64, Device.CPU, size(), width)) {
            MemorySegment.copy(numbers, 0, table.segment(), JAVA_DOUBLE, (long) rank() * width * Double.BYTES, width);
            beginSum(table).await();
            double[] flat = table.segment().toArray(JAVA_DOUBLE);
            double[][] byRank = new double[size()][width];
            for (int r = 0; r < size(); r++) {
                System.arraycopy(flat, r * width, byRank[r], 0, width);
            }
            return byRank;
        }
    }

    @Override
    public String fromFirst(Supplier<String> work) {
        String name = "answer-" + questions++;
        if (isFirst()) {
            store.set(name, work.get());
        }
        gather(0);
        return exchange(() -> store.get(name).orElseThrow());
    }

    @Override
    public void post(String name, String text) {
        store.set("posted-" + name, text);
    }

    /** Looks again and again: the store would let nobody else in while it waits. A rank that is lost ends this process. */
    @Override
    public String posted(String name) {
        while (true) {
            Optional<String> text = store.get("posted-" + name);
            if (text.isPresent()) {
                return text.get();
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    @Override
    public <T> T together(Supplier<T> work) {
        try {
            return work.get();
        } catch (Throwable e) {
            if (!failed) {
                failed = true;
                boolean keeps = keeper(rendezvous) == Keeper.THIS_PROCESS;
                pulse.fail(Failure.of(rank(), e), keeps ? Farewell.WHEN_ALL_KNOW : Farewell.AT_ONCE);
            }
            throw e;
        }
    }

    /** After a failure the connections are left to the process's end: closing them would wait for the lost rank. */
    @Override
    public void close() {
        if (failed) {
            pulse.close();
            return;
        }
        gather(0);
        pulse.close();
        collectives.close();
        store.close();
    }
}
