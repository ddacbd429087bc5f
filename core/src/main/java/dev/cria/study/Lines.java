package dev.cria.study;

import dev.cria.page.Point;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

/** Points and what lies on the straight lines between them. */
final class Lines {
    private Lines() {}

    /** The value at x; none outside of the points. */
    static OptionalDouble at(List<Point> points, double x) {
        List<Point> sorted =
                points.stream().sorted(Comparator.comparingDouble(Point::x)).toList();
        for (int i = 0; i < sorted.size(); i++) {
            Point right = sorted.get(i);
            if (right.x() == x) {
                return OptionalDouble.of(right.y());
            }
            if (right.x() > x) {
                return i == 0 ? OptionalDouble.empty() : OptionalDouble.of(between(sorted.get(i - 1), right, x));
            }
        }
        return OptionalDouble.empty();
    }

    private static double between(Point left, Point right, double x) {
        return left.y() + (right.y() - left.y()) * (x - left.x()) / (right.x() - left.x());
    }
}
