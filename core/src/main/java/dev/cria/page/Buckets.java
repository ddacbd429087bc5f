package dev.cria.page;

import java.util.ArrayList;
import java.util.List;

/** Thins a long series for drawing: neighbours become one bucket, of which the mean, the least and the greatest stay. */
public final class Buckets {
    private Buckets() {}

    /** Means of at most {@code count} neighbourhoods; the very first and last points stay as they are. */
    public static List<Point> means(List<Point> points, int count) {
        if (points.size() <= count) {
            return points;
        }
        List<Point> means = new ArrayList<>();
        means.add(points.getFirst());
        for (int b = 0; b < count; b++) {
            List<Point> bucket = bucket(points, b, count);
            means.add(new Point(
                    bucket.stream().mapToDouble(Point::x).average().orElseThrow(),
                    bucket.stream().mapToDouble(Point::y).average().orElseThrow()));
        }
        return means;
    }

    /** The outline of least and greatest values, forth along the greatest and back along the least. */
    static List<Point> envelope(List<Point> points, int count) {
        int buckets = Math.min(count, points.size());
        List<Point> outline = new ArrayList<>();
        List<Point> back = new ArrayList<>();
        for (int b = 0; b < buckets; b++) {
            List<Point> bucket = bucket(points, b, buckets);
            double x = bucket.stream().mapToDouble(Point::x).average().orElseThrow();
            outline.add(new Point(x, bucket.stream().mapToDouble(Point::y).max().orElseThrow()));
            back.add(new Point(x, bucket.stream().mapToDouble(Point::y).min().orElseThrow()));
        }
        outline.addAll(back.reversed());
        return outline;
    }

    private static List<Point> bucket(List<Point> points, int b, int count) {
        long size = points.size();
        return points.subList((int) (b * size / count), (int) ((b + 1) * size / count));
    }
}
