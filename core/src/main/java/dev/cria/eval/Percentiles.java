package dev.cria.eval;

/** Percentiles of resampled statistics. */
final class Percentiles {
    private Percentiles() {}

    /**
     * The value below which a share of the sorted values lies, linear between neighbours (Hyndman and Fan's type 7).
     *
     * @param share 0 to 1
     */
    static double of(double[] sorted, double share) {
        if (sorted.length == 0) {
            return Double.NaN;
        }
        double position = share * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
