package dev.cria.train;

/** When evaluations are due. */
final class Every {

    private Every() {}

    /** At every {@code every}-th step from 0, and when the training is over; never if {@code every} is 0. */
    static boolean isDue(int every, long step, long steps) {
        return every > 0 && (step % every == 0 || step == steps);
    }
}
