package dev.cria.demo;

import java.util.function.DoubleSupplier;

/**
 * How long stages take on this machine, and how many steps of pretraining fit beside the others: first by the speed of a
 * training step that was measured here, then by what stages really took.
 */
final class Timetable {
    /** The share of the time that is kept for what no estimate knows. */
    private static final double RESERVE = 0.1;
    /** A number of steps that is less than this share away from what would fit is left as it is. */
    private static final double NEAR = 0.15;

    private final double allowed;
    private final DoubleSupplier clock;
    private double tokensPerSecond;
    private double expectedSeconds;
    private double takenSeconds;

    /**
     * @param allowed seconds for everything
     * @param clock seconds since the beginning
     * @param tokensPerSecond of a training step
     */
    Timetable(double allowed, DoubleSupplier clock, double tokensPerSecond) {
        this.allowed = allowed;
        this.clock = clock;
        this.tokensPerSecond = tokensPerSecond;
    }

    double tokensPerSecond() {
        return tokensPerSecond;
    }

    /** Takes another speed of a training step for what is still to come. */
    void correct(double tokensPerSecondNow) {
        tokensPerSecond = tokensPerSecondNow;
    }

    /** Learns how slow the machine is from a stage that has nothing to do with the speed of a step; from others nothing. */
    void took(Cost cost, double seconds) {
        if (cost.tokens() == 0) {
            expectedSeconds += cost.seconds();
            takenSeconds += seconds;
        }
    }

    double soFar() {
        return clock.getAsDouble();
    }

    double seconds(Cost cost) {
        double slowness = expectedSeconds == 0 ? 1 : takenSeconds / expectedSeconds;
        return slowness * cost.seconds() + cost.tokens() / tokensPerSecond;
    }

    /**
     * The steps of pretraining that fit.
     *
     * @param taken steps that are in the past
     * @param others all other work that is still to come
     */
    int steps(DemoSize size, int taken, Cost others) {
        double left = (1 - RESERVE) * allowed - soFar() - seconds(others);
        double fit = taken + left * tokensPerSecond / size.tokensPerStep();
        return (int) Math.clamp(
                (long) fit / size.roundSteps() * size.roundSteps(), size.leastSteps(taken), size.mostSteps());
    }

    /** The same when so many were meant to be: these, if they nearly fit, so that small noise changes no number. */
    int steps(DemoSize size, int taken, Cost others, int planned) {
        int fit = steps(size, taken, others);
        return Math.abs(fit - planned) <= NEAR * planned ? planned : fit;
    }
}
