package dev.cria.page;

import java.util.List;

/** The same report as one Markdown file that points at the pictures beside it. */
public final class MarkdownPage {
    private MarkdownPage() {}

    public static String of(String title, List<Tile> tiles, List<Section> sections) {
        StringBuilder md = new StringBuilder("# " + Html.escape(title) + "\n\n");
        for (Tile h : tiles) {
            md.append("- ")
                    .append(words(h.label()))
                    .append(": **")
                    .append(words(h.value()))
                    .append("**");
            md.append(h.detail().isEmpty() ? "\n" : " (" + words(h.detail()) + ")\n");
        }
        for (Section section : sections) {
            if (!section.isEmpty()) {
                md.append("\n## ")
                        .append(words(section.heading()))
                        .append("\n\n")
                        .append(words(section.lead()))
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
            case Section.Part.Card c -> "**" + words(c.title()) + "**\n\n" + words(c.note()) + "\n";
            case Section.Part.Code c ->
                "**" + words(c.title()) + "**\n\n" + code(c.text().strip());
        };
    }

    private static String words(String text) {
        return Html.inMarkdown(text);
    }

    /** A text with a fence or a tag of its own, as a prompt may have, could end the block and begin a script. */
    private static String code(String text) {
        return text.contains("`") || text.contains("<")
                ? "<pre>\n" + Html.escape(text) + "\n</pre>\n"
                : "```\n" + text + "\n```\n";
    }

    /** A figure as its picture, its caption, and a table of where each series begins and ends. */
    static String of(Figure figure, String directory) {
        StringBuilder md = new StringBuilder();
        md.append("![%s](%s%s.png)\n\n".formatted(words(figure.title()), directory, figure.id()));
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
