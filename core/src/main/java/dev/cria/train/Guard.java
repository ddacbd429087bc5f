package dev.cria.train;

/**
 * Watches for numbers that go wrong: gradients that are not finite, and losses far outside the spread of the recent
 * ones.
 */
final class Guard {
    /** Weight of the newest loss in the running figures once there are 50: the memory is about as long. */
    private static final double NEWEST = 0.02;

    /** Losses that are seen before one can be called a spike. */
    private static final int SETTLED = 20;

    private final Recipe.Guard settings;
    private Memory memory;

    /**
     * What the guard knows of the steps so far.
     *
     * @param skippedInARow steps just before this one whose gradient was not finite
     * @param losses how many losses the running figures are made of
     */
    public record Memory(int skippedInARow, long losses, double lossMean, double lossVariance) {
        static final Memory NONE = new Memory(0, 0, 0, 0);
    }

    Guard(Recipe.Guard settings, Memory memory) {
        this.settings = settings;
        this.memory = memory;
    }

    Memory memory() {
        return memory;
    }

    /** Says that a step was skipped; true if it was one too many. */
    boolean skipped() {
        memory = new Memory(memory.skippedInARow() + 1, memory.losses(), memory.lossMean(), memory.lossVariance());
        return memory.skippedInARow() >= Math.max(1, settings.skipNonfinite());
    }

    /**
     * Takes the loss of a good step in.
     *
     * @return by how many standard deviations it lies above the recent mean, if it is a spike; else 0
     */
    double observe(double loss) {
        double deviation = Math.sqrt(memory.lossVariance());
        double sigmas = deviation > 0 ? (loss - memory.lossMean()) / deviation : 0;
        boolean spike = settings.spikeSigma() > 0 && memory.losses() >= SETTLED && sigmas > settings.spikeSigma();
        memory = memory.losses() == 0 ? new Memory(0, 1, loss, 0) : updated(loss);
        return spike ? sigmas : 0;
    }

    /**
     * Mean and variance of the losses so far, equally weighted until there are 50, then exponentially (Welford's update;
     * a fixed weight from the start would take the spread of the first steps for almost nothing).
     */
    private Memory updated(double loss) {
        double weight = Math.max(NEWEST, 1.0 / (memory.losses() + 1));
        double difference = loss - memory.lossMean();
        double mean = memory.lossMean() + weight * difference;
        double variance = (1 - weight) * (memory.lossVariance() + weight * difference * difference);
        return new Memory(0, memory.losses() + 1, mean, variance);
    }
}
