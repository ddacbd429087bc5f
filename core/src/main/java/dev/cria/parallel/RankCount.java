package dev.cria.parallel;

import java.util.OptionalInt;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * With how many ranks the next attempt begins. A number that fails twice without a checkpoint in between gives way to the
 * next smaller one that can share a step. After that has written a checkpoint, the most are tried again: should they fail
 * before their first checkpoint, the smaller number, of which it is known that it works, follows at once.
 */
final class RankCount {
    private static final int FAILURES = 2;

    private final int least;
    private final int most;
    private final IntPredicate allows;
    private int now;
    private int failures;

    /** What the number was that is known to work, while a larger one is on trial. */
    private OptionalInt proven = OptionalInt.empty();

    /** @param allows whether so many ranks can share a step */
    RankCount(int least, int most, IntPredicate allows) {
        this.least = least;
        this.allows = allows;
        this.most = atMost(most).orElse(most);
        this.now = this.most;
    }

    int now() {
        return now;
    }

    /** How many there are where all goes well. */
    int most() {
        return most;
    }

    /** Whether there could be more. */
    boolean isReduced() {
        return now < most;
    }

    /**
     * Takes in that the ranks have failed.
     *
     * @param saved whether they had written a checkpoint before that
     */
    void failed(boolean saved) {
        failures = saved ? 1 : failures + 1;
        if (saved) {
            proven = OptionalInt.empty();
            if (isReduced()) {
                grow();
            }
        } else if (proven.isPresent()) {
            become(proven.getAsInt());
        } else if (failures >= FAILURES) {
            atMost(now - 1).ifPresent(this::become);
        }
    }

    /** Takes the most, and remembers what to go back to. */
    void grow() {
        OptionalInt back = OptionalInt.of(now);
        become(most);
        proven = back;
    }

    private void become(int ranks) {
        now = ranks;
        failures = 0;
        proven = OptionalInt.empty();
    }

    /** The largest number of ranks, up to one, that can share a step and is not below the least. */
    private OptionalInt atMost(int ranks) {
        return IntStream.iterate(ranks, n -> n >= least, n -> n - 1)
                .filter(allows)
                .findFirst();
    }
}
