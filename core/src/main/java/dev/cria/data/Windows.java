package dev.cria.data;

import dev.cria.RequestException;
import java.util.Arrays;
import java.util.List;

/**
 * The windows that training walks over. Window n of a shard holds tokens nT to nT + T, the last of them only as a
 * target; none crosses shards; what is left at a shard's end is not used. Global step s uses the windows at positions
 * sW to (s + 1)W − 1, and after the last window comes the first again: the data position is a number, and seeking to
 * it takes no time. Safe for use by many threads.
 */
public final class Windows {
    private final List<Shard> shards;
    private final int sequenceLength;
    private final int vocabulary;
    private final WindowOrder order;
    /** How many windows lie before each shard, and at the end how many there are. */
    private final long[] before;

    Windows(List<Shard> shards, int sequenceLength, int vocabulary, WindowOrder order) {
        this.shards = shards;
        this.sequenceLength = sequenceLength;
        this.vocabulary = vocabulary;
        this.order = order;
        this.before = new long[shards.size() + 1];
        for (int i = 0; i < shards.size(); i++) {
            before[i + 1] = before[i] + shards.get(i).windows(sequenceLength);
        }
        if (count() == 0) {
            long longest = shards.stream().mapToLong(Shard::length).max().orElse(0);
            throw new RequestException(
                    "the longest shard beside %s has %d tokens; one window needs sequence_length + 1 = %d"
                            .formatted(shards.getFirst().file(), longest, sequenceLength + 1),
                    "a longer corpus, or --set batch.sequence_length=" + Math.max(1, longest - 1));
        }
    }

    /** How many windows an epoch has. */
    public long count() {
        return before[before.length - 1];
    }

    public int sequenceLength() {
        return sequenceLength;
    }

    /** How often all windows were used before the one at {@code position}. */
    public long epochOf(long position) {
        return position / count();
    }

    /**
     * Fills a batch with the windows at consecutive positions.
     *
     * @param position of the first row's window; s·W for the start of global step s
     * @throws RequestException if a token is beyond the vocabulary, naming the shard and the place
     */
    public void read(long position, Batch into) {
        if (into.sequenceLength() != sequenceLength) {
            throw new IllegalArgumentException(
                    "a batch of " + into.sequenceLength() + " columns for windows of " + sequenceLength);
        }
        for (int row = 0; row < into.rows(); row++) {
            readRow(order.windowAt(position + row, count()), row, into);
        }
    }

    private void readRow(long window, int row, Batch into) {
        int shardIndex = shardOf(window);
        Shard shard = shards.get(shardIndex);
        long start = (window - before[shardIndex]) * sequenceLength;
        for (int column = 0; column <= sequenceLength; column++) {
            int token = shard.tokens().tokenAt(start + column);
            if (Integer.compareUnsigned(token, vocabulary) >= 0) {
                throw beyondVocabulary(shard, start + column, token);
            }
            into.put(row, column, token);
        }
    }

    private int shardOf(long window) {
        int found = Arrays.binarySearch(before, window);
        if (found < 0) {
            return -found - 2;
        }
        // Shards without a window share their start with the next one, which is the one that has it.
        int last = found;
        while (before[last + 1] == window) {
            last++;
        }
        return last;
    }

    private RequestException beyondVocabulary(Shard shard, long place, int token) {
        return new RequestException(
                "%s holds token %s at position %d, and the model's vocabulary ends at %d"
                        .formatted(shard.file(), Integer.toUnsignedString(token), place, vocabulary - 1),
                "prepare the data with the model's tokenizer, or --set model.vocab_size="
                        + (Integer.toUnsignedLong(token) + 1));
    }
}
