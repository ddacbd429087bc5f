package dev.cria.data.filter;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A text as a sparse vector: its words and pairs of neighbouring words, in lower case, hashed to a fixed number of
 * places; each place has 1 + log(count), and the vector has length 1.
 *
 * @see "Weinberger et al. 2009, Feature Hashing for Large Scale Multitask Learning; words and pairs as in fastText"
 */
record TextFeatures(int[] places, double[] values) {
    private static final long PAIR = 0xD6E8FEB86659FD93L;

    static TextFeatures of(String text, int size) {
        Terms words = Terms.of(text.toLowerCase(Locale.ROOT));
        Map<Integer, Integer> counts = new TreeMap<>();
        long previous = 0;
        for (int i = 0; i < words.count(); i++) {
            long word = words.hash(i);
            counts.merge(place(word, size), 1, Integer::sum);
            if (i > 0) {
                counts.merge(place(previous * PAIR + word, size), 1, Integer::sum);
            }
            previous = word;
        }
        int[] places = new int[counts.size()];
        double[] values = new double[counts.size()];
        double squares = 0;
        int n = 0;
        for (Map.Entry<Integer, Integer> entry : counts.entrySet()) {
            places[n] = entry.getKey();
            values[n] = 1 + Math.log(entry.getValue());
            squares += values[n] * values[n];
            n++;
        }
        for (int i = 0; i < n; i++) {
            values[i] /= Math.sqrt(squares);
        }
        return new TextFeatures(places, values);
    }

    private static int place(long hash, int size) {
        long mixed = hash * PAIR;
        return (int) Long.remainderUnsigned(mixed ^ mixed >>> 31, size);
    }

    double dot(float[] weights) {
        double sum = 0;
        for (int i = 0; i < places.length; i++) {
            sum += weights[places[i]] * values[i];
        }
        return sum;
    }
}
