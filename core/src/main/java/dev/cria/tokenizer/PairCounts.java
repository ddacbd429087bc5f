package dev.cria.tokenizer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * How often each pair of neighbouring ids stands in the words of a corpus, kept up to date while pairs are merged.
 *
 * <p>A merge visits only the words that hold the pair. Its count can only fall afterwards, except for pairs with the
 * new id, so the queue may hold counts that are too high, never too low: one that is found stale goes back with the
 * right count.
 */
final class PairCounts {
    private static final Comparator<Candidate> MOST_FREQUENT = Comparator.comparingLong(Candidate::count)
            .reversed()
            .thenComparingInt(c -> c.pair().left)
            .thenComparingInt(c -> c.pair().right);

    private final int[][] words;
    private final int[] lengths;
    private final long[] wordCounts;
    private final Map<Long, Pair> pairs = new HashMap<>();
    private final List<Pair> newcomers = new ArrayList<>();
    private final PriorityQueue<Candidate> queue = new PriorityQueue<>(MOST_FREQUENT);

    PairCounts(WordCounts corpus, int[] byteIds) {
        int size = corpus.counts().size();
        words = new int[size][];
        lengths = new int[size];
        wordCounts = new long[size];
        int word = 0;
        for (var entry : corpus.counts().entrySet()) {
            words[word] = entry.getKey().chars().map(b -> byteIds[b]).toArray();
            lengths[word] = words[word].length;
            wordCounts[word] = entry.getValue().sum();
            for (int i = 0; i + 1 < lengths[word]; i++) {
                change(words[word][i], words[word][i + 1], word, wordCounts[word]);
            }
            word++;
        }
        offerNewcomers();
    }

    /** The pair that stands most often, of equals that of the lowest ids; empty where no word has two ids left. */
    Optional<Pair> mostFrequent() {
        while (!queue.isEmpty()) {
            Candidate top = queue.remove();
            long count = top.pair().count;
            if (count == top.count()) {
                return Optional.of(top.pair());
            }
            if (count > 0) {
                queue.add(new Candidate(top.pair(), count));
            }
        }
        return Optional.empty();
    }

    /** Makes the pair one id wherever it stands, from left to right. */
    void merge(Pair pair, int id) {
        IdBuffer places = pair.words;
        pair.words = new IdBuffer(0);
        for (int i = 0; i < places.size(); i++) {
            mergeIn(places.get(i), pair, id);
        }
        pairs.remove(key(pair.left, pair.right));
        offerNewcomers();
    }

    private void offerNewcomers() {
        for (Pair pair : newcomers) {
            if (pair.count > 0) {
                queue.add(new Candidate(pair, pair.count));
            }
        }
        newcomers.clear();
    }

    private void mergeIn(int word, Pair pair, int id) {
        int[] ids = words[word];
        int length = lengths[word];
        long count = wordCounts[word];
        int out = 0;
        int i = 0;
        while (i < length) {
            if (i + 1 == length || ids[i] != pair.left || ids[i + 1] != pair.right) {
                ids[out++] = ids[i++];
                continue;
            }
            pair.count -= count;
            if (out > 0) {
                change(ids[out - 1], pair.left, word, -count);
                change(ids[out - 1], id, word, count);
            }
            if (i + 2 < length) {
                change(pair.right, ids[i + 2], word, -count);
                change(id, ids[i + 2], word, count);
            }
            ids[out++] = id;
            i += 2;
        }
        lengths[word] = out;
    }

    private void change(int left, int right, int word, long by) {
        Pair pair = pairs.get(key(left, right));
        if (pair == null) {
            pair = new Pair(left, right);
            pairs.put(key(left, right), pair);
            newcomers.add(pair);
        }
        pair.count += by;
        if (by > 0 && (pair.words.size() == 0 || pair.words.get(pair.words.size() - 1) != word)) {
            pair.words.add(word);
        }
    }

    private static long key(int left, int right) {
        return (long) left << Integer.SIZE | right;
    }

    /** Two ids that stand side by side, how often, and in which words (some of which may have lost them). */
    static final class Pair {
        private final int left;
        private final int right;
        private long count;
        private IdBuffer words = new IdBuffer(4);

        Pair(int left, int right) {
            this.left = left;
            this.right = right;
        }

        int left() {
            return left;
        }

        int right() {
            return right;
        }
    }

    private record Candidate(Pair pair, long count) {}
}
