package dev.cria.speedrun;

import dev.cria.page.Point;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;

/**
 * What trains: an optimizer of Cria's, or another program.
 *
 * @param learningRate its best
 * @param curves of each seed that is finished
 */
record Runner(String name, String learningRate, SortedMap<Long, Curve> curves) {

    /**
     * A run that is finished.
     *
     * @param losses validation losses by step
     * @param clock seconds of training by steps taken
     */
    record Curve(List<Point> losses, List<Point> clock) {
        double lastLoss() {
            return losses.getLast().y();
        }

        /** Validation losses by seconds of training. */
        List<Point> bySeconds() {
            return losses.stream()
                    .map(p -> new Point(Crossing.secondsAt(clock, p.x()), p.y()))
                    .toList();
        }
    }

    Optional<Crossing> crossing(long seed, OptionalDouble target) {
        return Optional.ofNullable(curves.get(seed))
                .filter(_ -> target.isPresent())
                .flatMap(curve -> Crossing.of(curve.losses(), curve.clock(), target.getAsDouble()));
    }
}
