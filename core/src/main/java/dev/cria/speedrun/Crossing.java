package dev.cria.speedrun;

import dev.cria.page.Point;
import java.util.List;
import java.util.Optional;

/** Where a curve of validation losses first reaches a loss: between two evaluations on a straight line. */
record Crossing(double steps, double seconds) {

    /**
     * The crossing of a run.
     *
     * @param losses by step, ascending
     * @param clock seconds of training by steps taken, ascending
     */
    static Optional<Crossing> of(List<Point> losses, List<Point> clock, double target) {
        for (int i = 0; i < losses.size(); i++) {
            Point here = losses.get(i);
            if (here.y() <= target) {
                double steps = i == 0 ? here.x() : between(losses.get(i - 1), here, target);
                return Optional.of(new Crossing(steps, secondsAt(clock, steps)));
            }
        }
        return Optional.empty();
    }

    private static double between(Point before, Point here, double target) {
        double share = (before.y() - target) / (before.y() - here.y());
        return before.x() + share * (here.x() - before.x());
    }

    /** Seconds of training until so many steps are taken. */
    static double secondsAt(List<Point> clock, double steps) {
        Point before = new Point(0, 0);
        for (Point here : clock) {
            if (here.x() >= steps) {
                double share = here.x() > before.x() ? (steps - before.x()) / (here.x() - before.x()) : 1;
                return before.y() + share * (here.y() - before.y());
            }
            before = here;
        }
        return before.y();
    }
}
