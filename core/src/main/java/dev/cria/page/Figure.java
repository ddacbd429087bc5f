package dev.cria.page;

import dev.cria.page.Mark.Anchor;
import dev.cria.page.Mark.Fill;
import dev.cria.page.Mark.Weight;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Panels that belong together, with a legend and the explanations of their milestones.
 *
 * @param id names its files: {@code figures/ID.svg}
 */
public record Figure(String id, String title, String caption, List<Key> legend, List<Panel> panels) {
    static final double WIDE = 540;
    static final double NARROW = 350;
    static final double PANEL_HEIGHT = 290;
    static final double NARROW_HEIGHT = 250;
    private static final double GAP = 32;

    /** An entry of the legend. */
    public record Key(String words, Ink ink, Series.Style style) {}

    public Figure {
        panels = panels.stream().filter(p -> !p.isEmpty()).toList();
    }

    public boolean isEmpty() {
        return panels.isEmpty();
    }

    public List<Milestones.Numbered> milestones() {
        return panels.stream()
                .flatMap(p -> p.milestones().numbered().stream())
                .distinct()
                .toList();
    }

    /** The whole figure as one sheet, two panels a row, for the SVG and PNG files. */
    Sheet sheet() {
        List<Mark> marks = new ArrayList<>();
        double width = panels.size() == 1 ? WIDE + 2 * GAP : 2 * WIDE + 3 * GAP;
        double y = GAP + 8;
        marks.add(words(GAP, y, title, Ink.TEXT, 19, Weight.BOLD));
        y = legend(marks, y + 26, width);
        for (int i = 0; i < panels.size(); i++) {
            double dx = GAP + (i % 2) * (WIDE + GAP);
            double dy = y + 10 + (i / 2) * (PANEL_HEIGHT + GAP);
            PanelPainter.paint(panels.get(i), WIDE, PANEL_HEIGHT).marks().stream()
                    .map(m -> m.moved(dx, dy))
                    .forEach(marks::add);
        }
        y += 10 + Math.ceilDiv(panels.size(), 2) * (PANEL_HEIGHT + GAP);
        for (Milestones.Numbered m : milestones()) {
            marks.add(words(GAP, y, m.number() + "  " + m.words(), Ink.MUTED, 12, Weight.PLAIN));
            y += 18;
        }
        return new Sheet(width, y + 8, List.copyOf(marks));
    }

    record Sheet(double width, double height, List<Mark> marks) {}

    private double legend(List<Mark> marks, double y, double width) {
        double x = GAP;
        for (Key key : legend) {
            double needs = 30 + key.words().length() * 7;
            if (x > GAP && x + needs > width - GAP) {
                x = GAP;
                y += 20;
            }
            if (key.style() == Series.Style.PUBLISHED) {
                marks.add(new Mark.Dot(new Point(x + 8, y - 4), 3.2, key.ink(), Fill.HOLLOW));
            } else {
                marks.add(new Mark.Path(
                        List.of(new Point(x, y - 4), new Point(x + 16, y - 4)), key.ink(), 2.5, Mark.Stroke.SOLID));
            }
            marks.add(words(x + 22, y, key.words(), Ink.TEXT, 12, Weight.PLAIN));
            x += needs + 14;
        }
        return y + 12;
    }

    private static Mark words(double x, double y, String text, Ink ink, double size, Weight weight) {
        return new Mark.Words(new Point(x, y), text, ink, size, Anchor.START, weight);
    }

    /** Every value drawn, unthinned, one a line. */
    public Table values() {
        Table.Builder table = Table.titled(id, title, "panel", "series", "x", "y");
        for (Panel panel : panels) {
            for (Series s : panel.series()) {
                for (Point p : s.points()) {
                    table.row(Cell.of(panel.id()), Cell.of(s.name()), Cell.exact(p.x()), Cell.exact(p.y()));
                }
            }
        }
        return table.build();
    }

    /** As picture, as values and as Markdown, under its own name in a directory. */
    public void write(Path directory) throws IOException {
        Files.writeString(directory.resolve(id + ".svg"), Svg.document(this));
        Files.writeString(directory.resolve(id + ".csv"), values().csv());
        Files.writeString(directory.resolve(id + ".md"), MarkdownPage.of(this, ""));
        Png.write(this, directory.resolve(id + ".png"));
    }

    /** The pictures' words, for a page without pictures. */
    public String inWords() {
        return panels.stream().map(Panel::inWords).collect(Collectors.joining("\n"));
    }
}
