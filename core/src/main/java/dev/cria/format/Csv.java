package dev.cria.format;

import dev.cria.RequestException;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.csv.QuoteMode;

/** Tables as RFC 4180 has them, and as spreadsheets save them. */
public final class Csv {
    private static final CSVFormat PLAIN = CSVFormat.RFC4180;
    private static final CSVFormat QUOTED =
            CSVFormat.RFC4180.builder().setQuoteMode(QuoteMode.ALL).get();

    private Csv() {}

    /** A row, with its line's end; fields are quoted where they must be. */
    public static String line(List<String> fields) {
        return row(fields) + "\r\n";
    }

    /** A row without a line's end, for files whose lines end as a log's do. */
    public static String row(List<String> fields) {
        return PLAIN.format(fields.toArray());
    }

    /**
     * A row of texts that anybody may have written, for a spreadsheet: quoted, and a leading = + - or @, which would
     * make a formula, behind a '.
     */
    public static String spreadsheetLine(List<String> fields) {
        Object[] safe = fields.stream()
                .map(field -> field.matches("(?s)[=+\\-@\t].*") ? "'" + field : field)
                .toArray();
        return QUOTED.format(safe) + "\r\n";
    }

    /**
     * The rows, blank ones left out. Semicolons part the fields where the first line has some and no comma; a quote
     * that is never closed ends with the text.
     *
     * @param source what the refusal names: a file
     */
    public static List<List<String>> read(String source, String text) {
        String content = text.startsWith("\uFEFF") ? text.substring(1) : text;
        String head = content.lines().findFirst().orElse("");
        CSVFormat format = CSVFormat.RFC4180
                .builder()
                .setDelimiter(head.indexOf(';') >= 0 && head.indexOf(',') < 0 ? ';' : ',')
                .setTrailingData(true)
                .setLenientEof(true)
                .get();
        try (CSVParser parser = CSVParser.parse(new StringReader(content), format)) {
            return parser.stream()
                    .map(CSVRecord::values)
                    .filter(values -> Arrays.stream(values).anyMatch(value -> !value.isBlank()))
                    .map(List::of)
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw new RequestException(source + " is not a table of comma-separated values", "save it as CSV again");
        }
    }
}
