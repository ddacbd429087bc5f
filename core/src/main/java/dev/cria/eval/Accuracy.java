package dev.cria.eval;

/**
 * A share of right answers.
 *
 * @param value 0 to 1
 * @param standardError sample standard deviation (n − 1) / √n, as the harness has it; NaN for a single document
 */
public record Accuracy(double value, double standardError) {

    static Accuracy of(long right, long documents) {
        double share = (double) right / documents;
        // For zeros and ones the sum of squared deviations is n·p·(1 − p).
        return new Accuracy(share, Math.sqrt(share * (1 - share) / (documents - 1)));
    }
}
