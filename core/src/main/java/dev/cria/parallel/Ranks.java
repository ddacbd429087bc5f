package dev.cria.parallel;

import dev.cria.tensor.Tensor;
import dev.cria.tensor.library.Collectives.Pending;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The processes that train one model together, seen from one of them. All of them must call the methods that exchange
 * something in the same order.
 */
public interface Ranks extends AutoCloseable {

    /** This process's number, from 0. */
    int rank();

    /** How many there are. */
    int size();

    /** This process's number among those on its machine, from 0: the GPU that it takes. */
    int localRank();

    /** How many share its machine, as far as the environment tells. */
    int localSize();

    /**
     * Begins to replace the tensor on every rank by its sum over all ranks: the same bits everywhere. The tensor may not
     * be touched until the sum is awaited.
     */
    Pending beginSum(Tensor tensor);

    /**
     * Begins to send each rank its part of a tensor. Neither tensor may be touched until the exchange is awaited.
     *
     * @param outgoing contiguous [elements]: the parts, rank 0's first
     * @param counts elements of each rank's part
     * @param incoming contiguous [elements]: takes this rank's part from each rank, rank 0's first
     * @param incomingCounts elements that come from each rank
     */
    Pending beginExchange(Tensor outgoing, long[] counts, Tensor incoming, long[] incomingCounts);

    /** Begins to replace a tensor on every rank by one rank's. It may not be touched until that is awaited. */
    Pending beginBroadcast(Tensor tensor, int from);

    /** Each rank's numbers, by rank. */
    double[][] gather(double... numbers);

    /** What the first rank's work returns, on every rank; the others don't do the work. */
    String fromFirst(Supplier<String> work);

    /** Shows a text to all ranks; from any thread. */
    void post(String name, String text);

    /** Waits for a text that a rank posts; from any thread, and not in the order of the exchanges. */
    String posted(String name);

    /** Does work that all ranks do; a failure in it ends all of them with the same error. */
    <T> T together(Supplier<T> work);

    /** Waits for the other ranks to be done as well, unless there was a failure. */
    @Override
    void close();

    default boolean isFirst() {
        return rank() == 0;
    }

    /** The sum of a number over all ranks, added in the order of the ranks. */
    default double sum(double number) {
        double sum = 0;
        for (double[] there : gather(number)) {
            sum += there[0];
        }
        return sum;
    }

    /** One process alone. */
    static Ranks solo() {
        return new Solo(new ConcurrentHashMap<>());
    }

    /**
     * The ranks that environment variables tell of: torchrun's, Kubeflow's, Slurm's or {@code cria launch}'s; one
     * process alone if there are none. Returns when all of them have met.
     *
     * @param ending is called, from another thread, when another rank has failed or is lost while this one computes or
     *     waits: it tells the error and ends the process
     */
    static Ranks fromEnvironment(Map<String, String> environment, Consumer<RuntimeException> ending) {
        if (Launched.from(environment).parent() == Launched.Parent.LAUNCHER) {
            Lifeline.holdOn();
        }
        Optional<Rendezvous> rendezvous = Rendezvous.of(environment);
        return rendezvous.map(r -> (Ranks) JoinedRanks.join(r, ending)).orElseGet(Ranks::solo);
    }

    /** One process alone: sums are what they are. */
    record Solo(Map<String, String> board) implements Ranks {
        @Override
        public int rank() {
            return 0;
        }

        @Override
        public int size() {
            return 1;
        }

        @Override
        public int localRank() {
            return 0;
        }

        @Override
        public int localSize() {
            return 1;
        }

        @Override
        public Pending beginSum(Tensor tensor) {
            return () -> {};
        }

        @Override
        public Pending beginExchange(Tensor outgoing, long[] counts, Tensor incoming, long[] incomingCounts) {
            incoming.copyFrom(outgoing);
            return () -> {};
        }

        @Override
        public Pending beginBroadcast(Tensor tensor, int from) {
            return () -> {};
        }

        @Override
        public double[][] gather(double... numbers) {
            return new double[][] {numbers};
        }

        @Override
        public String fromFirst(Supplier<String> work) {
            return work.get();
        }

        @Override
        public void post(String name, String text) {
            board.put(name, text);
        }

        @Override
        public String posted(String name) {
            return Objects.requireNonNull(board.get(name), "one process alone waits for nobody");
        }

        @Override
        public <T> T together(Supplier<T> work) {
            return work.get();
        }

        @Override
        public void close() {}
    }
}
