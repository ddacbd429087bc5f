package dev.cria.eval;

import java.util.List;

/**
 * What a model made of one document.
 *
 * @param document its number in the file, from 0
 * @param gold the index of the right choice
 * @param logLikelihoods of each choice
 * @param lengths what acc_norm divides each of them by
 * @param bytes that each continuation has in UTF-8, the joining space included
 */
public record DocumentScore(
        int document, int gold, List<Double> logLikelihoods, List<Integer> lengths, List<Integer> bytes) {

    public DocumentScore {
        logLikelihoods = List.copyOf(logLikelihoods);
        lengths = List.copyOf(lengths);
        bytes = List.copyOf(bytes);
    }

    /** What the right choice's continuation costs, in bits a byte. */
    public double bitsPerByte() {
        return -logLikelihoods.get(gold) / Math.log(2) / bytes.get(gold);
    }

    /** The likeliest choice, the first on ties. */
    public int prediction() {
        return firstLargest(logLikelihoods.stream().mapToDouble(x -> x).toArray());
    }

    /** The likeliest choice for its length, the first on ties. */
    public int predictionByLength() {
        double[] each = new double[logLikelihoods.size()];
        for (int i = 0; i < each.length; i++) {
            each[i] = logLikelihoods.get(i) / lengths.get(i);
        }
        return firstLargest(each);
    }

    public boolean isRight() {
        return prediction() == gold;
    }

    public boolean isRightByLength() {
        return predictionByLength() == gold;
    }

    private static int firstLargest(double[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[best]) {
                best = i;
            }
        }
        return best;
    }
}
