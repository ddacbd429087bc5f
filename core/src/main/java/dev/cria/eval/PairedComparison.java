package dev.cria.eval;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.hipparchus.stat.inference.AlternativeHypothesis;
import org.hipparchus.stat.inference.BinomialTest;

/**
 * Two models on the same documents: is the one better, or lucky?
 *
 * <p>McNemar's exact test asks how likely a split as uneven as that of the documents which just one of them got right
 * would be if each were a coin's toss (McNemar 1947, in its binomial form). The interval of the difference is the
 * percentiles of {@value #RESAMPLES} bootstrap resamples of documents, drawn from a fixed seed.
 *
 * @param onlyA documents that A alone got right
 * @param onlyB documents that B alone got right
 * @param difference B's accuracy less A's, −1 to 1
 * @param low the 95 % interval's lower bound
 * @param pValue two-sided; 1 where no document tells them apart
 */
public record PairedComparison(
        int documents, int onlyA, int onlyB, double difference, double low, double high, double pValue) {
    private static final int RESAMPLES = 10_000;
    private static final long SEED = 1337;

    /**
     * @param a whether A got each document right
     * @param b the same of B, for the same documents in the same order
     */
    public static PairedComparison of(boolean[] a, boolean[] b) {
        if (a.length != b.length || a.length == 0) {
            throw new IllegalArgumentException(a.length + " documents against " + b.length);
        }
        int onlyA = 0;
        int onlyB = 0;
        for (int i = 0; i < a.length; i++) {
            onlyA += a[i] && !b[i] ? 1 : 0;
            onlyB += b[i] && !a[i] ? 1 : 0;
        }
        int apart = onlyA + onlyB;
        double p = apart == 0 ? 1 : new BinomialTest().binomialTest(apart, onlyA, 0.5, AlternativeHypothesis.TWO_SIDED);
        double[] differences = resampled(a.length, onlyA, onlyB);
        return new PairedComparison(
                a.length,
                onlyA,
                onlyB,
                (double) (onlyB - onlyA) / a.length,
                Percentiles.of(differences, 0.025),
                Percentiles.of(differences, 0.975),
                Math.min(1, p));
    }

    /** Of a resample only the difference counts, so documents are drawn by their kind: A alone, B alone, neither. */
    private static double[] resampled(int documents, int onlyA, int onlyB) {
        SplittableRandom random = new SplittableRandom(SEED);
        double[] differences = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            int sum = 0;
            for (int drawn = 0; drawn < documents; drawn++) {
                int which = random.nextInt(documents);
                sum += which < onlyA ? -1 : which < onlyA + onlyB ? 1 : 0;
            }
            differences[i] = (double) sum / documents;
        }
        Arrays.sort(differences);
        return differences;
    }
}
