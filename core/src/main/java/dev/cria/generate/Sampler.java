package dev.cria.generate;

import dev.cria.WorkException;
import java.util.Arrays;
import java.util.PriorityQueue;

/** Chooses the next token from the logits of one position. Of equal logits the lower id comes first, always. */
final class Sampler {
    private final Sampling sampling;
    private final int vocabulary;

    /** @param vocabulary ids from here on are padding of the table, and never chosen */
    Sampler(Sampling sampling, int vocabulary) {
        this.sampling = sampling;
        this.vocabulary = vocabulary;
    }

    /**
     * The id chosen.
     *
     * @param logits [vocab], at {@code from} of the array
     */
    int choose(float[] logits, int from, SplitMix random) {
        int best = likeliest(logits, from);
        if (sampling.isGreedy() || sampling.topK() == 1) {
            return best;
        }
        long[] ranked = ranked(logits, from);
        double[] weights = weights(ranked, logits[from + best]);
        int kept = nucleus(weights);
        double sum = 0;
        for (int i = 0; i < kept; i++) {
            sum += weights[i];
        }
        double target = random.nextDouble() * sum;
        for (int i = 0; i < kept; i++) {
            target -= weights[i];
            if (target < 0) {
                return id(ranked[i]);
            }
        }
        return id(ranked[kept - 1]);
    }

    private int likeliest(float[] logits, int from) {
        int best = 0;
        for (int id = 0; id < vocabulary; id++) {
            float logit = logits[from + id];
            if (Float.isNaN(logit) || logit == Float.POSITIVE_INFINITY) {
                throw new WorkException(
                        "the model gives token " + id + " the logit " + logit,
                        "its weights are not finite; take an earlier checkpoint");
            }
            if (logit > logits[from + best]) {
                best = id;
            }
        }
        return best;
    }

    /** The ids that may be chosen with their logits, likeliest first where a cut needs the order. */
    private long[] ranked(float[] logits, int from) {
        if (sampling.topK() > 0 && sampling.topK() < vocabulary) {
            return top(logits, from, sampling.topK());
        }
        long[] all = new long[vocabulary];
        for (int id = 0; id < vocabulary; id++) {
            all[id] = key(logits[from + id], id);
        }
        if (sampling.topP() < 1) {
            sortDescending(all);
        }
        return all;
    }

    private long[] top(float[] logits, int from, int count) {
        PriorityQueue<Long> largest = new PriorityQueue<>(count + 1);
        long least = Long.MIN_VALUE;
        for (int id = 0; id < vocabulary; id++) {
            long key = key(logits[from + id], id);
            if (largest.size() < count) {
                largest.add(key);
                least = largest.element();
            } else if (key > least) {
                largest.remove();
                largest.add(key);
                least = largest.element();
            }
        }
        long[] keys = largest.stream().mapToLong(Long::longValue).toArray();
        sortDescending(keys);
        return keys;
    }

    private double[] weights(long[] ranked, float largest) {
        double[] weights = new double[ranked.length];
        for (int i = 0; i < ranked.length; i++) {
            weights[i] = Math.exp((logit(ranked[i]) - (double) largest) / sampling.temperature());
        }
        return weights;
    }

    /** How many of the weights, largest first, hold {@code topP} of their sum. */
    private int nucleus(double[] weights) {
        if (sampling.topP() == 1) {
            return weights.length;
        }
        double wanted = sampling.topP() * Arrays.stream(weights).sum();
        double held = 0;
        int kept = 0;
        while (kept < weights.length && held < wanted) {
            held += weights[kept++];
        }
        return Math.max(1, kept);
    }

    /** Logit and id in one number that orders by logit, then by falling id: sorting needs no objects. */
    private static long key(float logit, int id) {
        int bits = Float.floatToIntBits(logit);
        int ordered = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
        return ((long) ordered << 32) | (Integer.MAX_VALUE - id);
    }

    private static int id(long key) {
        return Integer.MAX_VALUE - (int) key;
    }

    private static float logit(long key) {
        int ordered = (int) (key >> 32);
        return Float.intBitsToFloat(ordered ^ ((ordered >> 31) & Integer.MAX_VALUE));
    }

    private static void sortDescending(long[] keys) {
        Arrays.sort(keys);
        for (int i = 0, j = keys.length - 1; i < j; i++, j--) {
            long swapped = keys[i];
            keys[i] = keys[j];
            keys[j] = swapped;
        }
    }
}
