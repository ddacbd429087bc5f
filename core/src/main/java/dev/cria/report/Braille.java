package dev.cria.report;

import dev.cria.page.Buckets;
import dev.cria.page.Point;
import java.util.ArrayList;
import java.util.List;

/** A picture of two by four dots a character, for curves in a terminal. */
final class Braille {
    private static final int[][] DOTS = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    private static final String BARS = "▁▂▃▄▅▆▇█";

    private final int columns;
    private final int rows;
    private final int[][] cells;

    Braille(int columns, int rows) {
        this.columns = columns;
        this.rows = rows;
        cells = new int[rows][columns];
    }

    /** Joins the points, given from 0 to 1 on both axes, y upwards. */
    void line(List<Point> points) {
        for (int i = 1; i < points.size(); i++) {
            Point a = points.get(i - 1);
            Point b = points.get(i);
            double across = Math.abs(b.x() - a.x()) * columns * 2;
            double up = Math.abs(b.y() - a.y()) * rows * 4;
            int parts = Math.max(1, (int) Math.ceil(Math.max(across, up)));
            for (int part = 0; part <= parts; part++) {
                double share = (double) part / parts;
                dot(a.x() + share * (b.x() - a.x()), a.y() + share * (b.y() - a.y()));
            }
        }
    }

    void dot(double x, double y) {
        int column = Math.clamp((int) (x * columns * 2), 0, columns * 2 - 1);
        int row = Math.clamp((int) ((1 - y) * rows * 4), 0, rows * 4 - 1);
        cells[row / 4][column / 2] |= DOTS[row % 4][column % 2];
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (int[] row : cells) {
            StringBuilder line = new StringBuilder();
            for (int dots : row) {
                line.append((char) (0x2800 + dots));
            }
            lines.add(line.toString());
        }
        return lines;
    }

    /** One character a value, from the axis' zero to the greatest. */
    static String bars(List<Point> points, int width) {
        double most = points.stream().mapToDouble(Point::y).max().orElse(1);
        StringBuilder bars = new StringBuilder();
        for (Point p : Buckets.means(points, width)) {
            bars.append(BARS.charAt(Math.clamp((int) (p.y() / most * BARS.length()), 0, BARS.length() - 1)));
        }
        return bars.substring(0, Math.min(width, bars.length()));
    }
}
