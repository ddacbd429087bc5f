package dev.cria.parallel;

import dev.cria.RequestException;
import dev.cria.nn.Shard;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How several ranks share a step, as configurations have it.
 *
 * @param reproducible whether sums have one order whatever the number of ranks, so that a run is the same to the bit on
 *     1, 2, 4 ranks and so on
 * @param shard what each rank holds a part of: {@code none}, {@code optimizer} (masters and moments) or {@code gradients}
 *     (those and the gradients, which are sent after each micro-batch)
 */
public record ParallelSection(boolean reproducible, Shard shard) {
    /** Sums as fast as they can be had, and all of everything on every rank. */
    public static final ParallelSection USUAL = new ParallelSection(false, Shard.NONE);

    /** What a change of {@code reproducible} means for a run that resumes. */
    public static final String OTHER_ORDER = "sums have another order from here, and other last bits";

    private static final int MOST_TOLD = 64;

    /** Whether Cria adds up what the ranks have; else the library does that sums while it sends. */
    public boolean isAddedHere() {
        return reproducible || shard == Shard.GRADIENTS;
    }

    /**
     * The place in a step of a rank's k-th micro-batch of {@code each}. A rank's own follow each other; where gradients
     * are shared, those that the ranks are at together do: their gradients are summed at once, and those of one rank
     * never wait for each other.
     */
    public long place(long k, long each, int rank, int ranks) {
        return shard == Shard.GRADIENTS ? k * ranks + rank : rank * each + k;
    }

    /** The partial sums that a rank keeps beside the gradients while it goes through its micro-batches. */
    public int partialSums(long each, int ranks) {
        if (reproducible) {
            return Long.SIZE - Long.numberOfLeadingZeros(each - 1);
        }
        return shard == Shard.GRADIENTS && ranks > 1 && each > 1 ? 1 : 0;
    }

    /**
     * Whether so many ranks can add a step up in its order: what a rank or a round of ranks has must be one branch of the
     * tree over the step's micro-batches.
     */
    public boolean allows(long microBatches, int ranks) {
        long each = microBatches / ranks;
        boolean cut = microBatches % ranks == 0;
        if (!reproducible || ranks == 1) {
            return cut;
        }
        return cut && (shard == Shard.GRADIENTS ? each == 1 || isPowerOfTwo(ranks) : isPowerOfTwo(each));
    }

    private static boolean isPowerOfTwo(long number) {
        return Long.bitCount(number) == 1;
    }

    /**
     * Refuses a number of ranks that cannot add up in the order of the tree.
     *
     * @param microBatches of a step over all ranks, a multiple of the number of ranks
     */
    public void check(long microBatches, int ranks) {
        if (allows(microBatches, ranks)) {
            return;
        }
        String rule = shard == Shard.GRADIENTS
                ? "%d ranks are no power of two".formatted(ranks)
                : "%d for each of %d ranks are no power of two".formatted(microBatches / ranks, ranks);
        String numbers = IntStream.rangeClosed(1, (int) Math.min(MOST_TOLD, microBatches))
                .filter(r -> allows(microBatches, r))
                .mapToObj(String::valueOf)
                .collect(Collectors.joining(", "));
        throw new RequestException(
                "parallel.reproducible is true and a step's " + microBatches
                        + " micro-batches cannot be added up in one order: " + rule,
                "--nproc-per-node with one of " + numbers + "; or --set parallel.reproducible=false");
    }
}
