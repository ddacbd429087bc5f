package dev.cria.report;

import java.util.List;

/** The same report as one Markdown file that points at the pictures beside it. */
final class MarkdownPage {
    private MarkdownPage() {}

    static String of(List<Run> runs, List<Section> sections) {
        StringBuilder md = new StringBuilder("# " + Html.escape(runs.getFirst().name()) + "\n\n");
        for (Headline h : Headline.of(runs.getFirst())) {
            md.append("- ").append(h.label()).append(": **").append(h.value()).append("**");
            md.append(h.detail().isEmpty() ? "\n" : " (" + h.detail() + ")\n");
        }
        for (Section section : sections) {
            if (!section.isEmpty()) {
                md.append("\n## ")
                        .append(section.heading())
                        .append("\n\n")
                        .append(section.lead())
                        .append('\n');
                section.parts().forEach(part -> md.append('\n').append(part(part)));
            }
        }
        return md.toString();
    }

    private static String part(Section.Part part) {
        return switch (part) {
            case Section.Part.Chart c -> of(c.figure(), "figures/");
            case Section.Part.Grid g -> g.table().markdown();
            case Section.Part.Code c ->
                "**" + c.title() + "**\n\n```\n" + c.text().strip() + "\n```\n";
        };
    }

    /** A figure as its picture, its caption, and a table of where each series begins and ends. */
    static String of(Figure figure, String directory) {
        StringBuilder md = new StringBuilder();
        md.append("![%s](%s%s.png)\n\n".formatted(figure.title(), directory, figure.id()));
        Table.Builder table =
                Table.titled(figure.id(), figure.title(), "Panel", "Series", "First", "Last", "Least", "Most");
        for (Panel panel : figure.panels()) {
            for (Series s : panel.series()) {
                var y = s.points().stream().mapToDouble(Point::y).summaryStatistics();
                table.row(
                        Cell.of(panel.title() + ", " + panel.unit()),
                        Cell.of(s.name()),
                        shown(panel, s.points().getFirst().y()),
                        shown(panel, s.points().getLast().y()),
                        shown(panel, y.getMin()),
                        shown(panel, y.getMax()));
            }
        }
        md.append(table.note(figure.caption()).build().markdown());
        figure.milestones().forEach(m -> md.append("\n- (%d) %s".formatted(m.number(), Html.escape(m.words()))));
        return md.append(figure.milestones().isEmpty() ? "" : "\n").toString();
    }

    private static Cell shown(Panel panel, double value) {
        return Cell.of(value, panel.format().write(value));
    }
}
