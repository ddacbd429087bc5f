package dev.cria.tokenizer;

import java.util.Arrays;
import java.util.PriorityQueue;

/**
 * Merges one pre-token: again and again the pair of lowest rank, the leftmost of equals, until none is left. Holds
 * scratch memory, so one thread at a time.
 *
 * <p>Up to {@link #SHORT} bytes the lowest rank is found by looking at all of them: words are that short, and arrays
 * of 30 ranks are faster than any structure. Beyond, a heap over a linked list keeps the cost at n log n.
 */
final class Merger {
    private static final int SHORT = 96;

    private final int[] byteIds;
    private final Merges merges;
    private final int[] ranks = new int[SHORT];

    /** @param byteIds the id of each single byte; none where only ids are merged */
    Merger(int[] byteIds, Merges merges) {
        this.byteIds = byteIds;
        this.merges = merges;
    }

    /** Writes the ids of {@code bytes[from, to)} to {@code ids} from {@code at} on and returns how many they are. */
    int merge(byte[] bytes, int from, int to, int[] ids, int at) {
        int length = to - from;
        for (int i = 0; i < length; i++) {
            ids[at + i] = byteIds[bytes[from + i] & 0xFF];
        }
        return merge(ids, at, length);
    }

    /** Merges {@code ids[at, at + length)} in place and returns how many are left. */
    int merge(int[] ids, int at, int length) {
        return length <= SHORT ? mergeShort(ids, at, length) : new LongMerge(merges, ids, at, length).run();
    }

    private int mergeShort(int[] ids, int at, int length) {
        int count = length;
        for (int i = 0; i + 1 < count; i++) {
            ranks[i] = merges.rank(ids[at + i], ids[at + i + 1]);
        }
        while (count > 1) {
            int best = indexOfLowest(count - 1);
            int rank = ranks[best];
            if (rank == Merges.NONE) {
                return count;
            }
            ids[at + best] = merges.merged(rank);
            count--;
            System.arraycopy(ids, at + best + 2, ids, at + best + 1, count - best - 1);
            System.arraycopy(ranks, best + 1, ranks, best, count - best - 1);
            if (best + 1 < count) {
                ranks[best] = merges.rank(ids[at + best], ids[at + best + 1]);
            }
            if (best > 0) {
                ranks[best - 1] = merges.rank(ids[at + best - 1], ids[at + best]);
            }
        }
        return count;
    }

    private int indexOfLowest(int pairs) {
        int best = 0;
        for (int i = 1; i < pairs; i++) {
            if (ranks[i] < ranks[best]) {
                best = i;
            }
        }
        return best;
    }

    /** One long pre-token: a linked list of ids, and a heap of (rank, position) whose stale entries are skipped. */
    private static final class LongMerge {
        private static final int GONE = -1;

        private final Merges merges;
        private final int[] ids;
        private final int at;
        private final int length;
        private final int[] next;
        private final int[] previous;
        private final PriorityQueue<Long> candidates;

        LongMerge(Merges merges, int[] ids, int at, int length) {
            this.merges = merges;
            this.ids = ids;
            this.at = at;
            this.length = length;
            this.next = new int[length];
            this.previous = new int[length];
            this.candidates = new PriorityQueue<>(length);
            Arrays.setAll(next, i -> i + 1);
            Arrays.setAll(previous, i -> i - 1);
        }

        int run() {
            for (int i = 0; i + 1 < length; i++) {
                offer(i);
            }
            while (!candidates.isEmpty()) {
                long lowest = candidates.remove();
                int rank = (int) (lowest >>> Integer.SIZE);
                int i = (int) lowest;
                if (rankAt(i) == rank) {
                    mergeAt(i, rank);
                }
            }
            int count = 0;
            for (int i = 0; i < length; i = next[i]) {
                ids[at + count++] = ids[at + i];
            }
            return count;
        }

        private void mergeAt(int i, int rank) {
            int absorbed = next[i];
            ids[at + i] = merges.merged(rank);
            ids[at + absorbed] = GONE;
            next[i] = next[absorbed];
            if (next[i] < length) {
                previous[next[i]] = i;
            }
            offer(i);
            if (previous[i] >= 0) {
                offer(previous[i]);
            }
        }

        private int rankAt(int i) {
            return ids[at + i] == GONE || next[i] >= length ? Merges.NONE : merges.rank(ids[at + i], ids[at + next[i]]);
        }

        private void offer(int position) {
            int rank = rankAt(position);
            if (rank == Merges.NONE) {
                return;
            }
            candidates.add((long) rank << Integer.SIZE | position);
        }
    }
}
