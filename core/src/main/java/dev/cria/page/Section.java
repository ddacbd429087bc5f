package dev.cria.page;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A part of the page under one heading.
 *
 * @param lead a sentence or two above the parts
 * @param wants what brings this section where its parts are empty: a file and the command that writes it
 */
public record Section(String id, String heading, String lead, List<Part> parts, String wants) {

    /** Something shown. */
    public sealed interface Part {
        record Chart(Figure figure) implements Part {}

        record Grid(Table table) implements Part {}

        /** A drawing of the caller's own, as HTML, with a note in words. */
        record Card(String title, String html, String note) implements Part {}

        /** Text to copy, such as a command; a long one is folded. */
        record Code(String title, String text, Fold fold) implements Part {}
    }

    public enum Fold {
        OPEN,
        FOLDED
    }

    public Section {
        parts = parts.stream().filter(Section::hasContent).toList();
    }

    public boolean isEmpty() {
        return parts.isEmpty();
    }

    public List<Figure> figures() {
        return parts.stream()
                .flatMap(part -> part instanceof Part.Chart c ? Stream.of(c.figure()) : Stream.empty())
                .toList();
    }

    public List<Table> tables() {
        return parts.stream()
                .flatMap(part -> part instanceof Part.Grid g ? Stream.of(g.table()) : Stream.empty())
                .toList();
    }

    /** Writes the figures of a page's sections, as files of their own, to {@code figures/} in a directory. */
    public static void writeFigures(List<Section> sections, Path out) throws IOException {
        Path folder = Files.createDirectories(out.resolve("figures"));
        for (Section section : sections) {
            for (Figure figure : section.figures()) {
                figure.write(folder);
            }
        }
    }

    /** Writes the tables of a page's sections to {@code tables/} in a directory. */
    public static void writeTables(List<Section> sections, Path out) throws IOException {
        Path folder = Files.createDirectories(out.resolve("tables"));
        for (Section section : sections) {
            for (Table table : section.tables()) {
                table.write(folder);
            }
        }
    }

    private static boolean hasContent(Part part) {
        return switch (part) {
            case Part.Chart c -> !c.figure().isEmpty();
            case Part.Grid g -> !g.table().isEmpty();
            case Part.Code c -> !c.text().isBlank();
            case Part.Card c -> !c.html().isEmpty() || !c.note().isEmpty();
        };
    }
}
