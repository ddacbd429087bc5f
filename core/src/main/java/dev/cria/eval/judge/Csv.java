package dev.cria.eval.judge;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Comma-separated values as RFC 4180 has them, which spreadsheets write; the separator may be a semicolon too. */
final class Csv {
    private Csv() {}

    static String line(List<String> fields) {
        return fields.stream().map(Csv::quoted).collect(Collectors.joining(",")) + "\r\n";
    }

    /** A leading = + - or @ would be a formula in a spreadsheet, and texts here come from a model: a ' goes in front. */
    private static String quoted(String field) {
        String safe = field.matches("(?s)[=+\\-@\t].*") ? "'" + field : field;
        return "\"" + safe.replace("\"", "\"\"") + "\"";
    }

    /** The rows, blank ones left out; quotes that are never closed end with the text. */
    static List<List<String>> read(String text) {
        String content = text.startsWith("\uFEFF") ? text.substring(1) : text;
        String head = content.lines().findFirst().orElse("");
        char separator = head.indexOf(';') >= 0 && head.indexOf(',') < 0 ? ';' : ',';
        List<List<String>> rows = new ArrayList<>();
        List<String> row = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean inQuotes = false;
        for (int i = 0; i < content.length(); i++) {
            char c = content.charAt(i);
            if (inQuotes && c == '"' && i + 1 < content.length() && content.charAt(i + 1) == '"') {
                field.append('"');
                i++;
            } else if (c == '"') {
                inQuotes = !inQuotes;
            } else if (!inQuotes && c == separator) {
                row.add(field.toString());
                field.setLength(0);
            } else if (!inQuotes && c == '\n') {
                row.add(field.toString());
                field.setLength(0);
                rows.add(row);
                row = new ArrayList<>();
            } else if (inQuotes || c != '\r') {
                field.append(c);
            }
        }
        row.add(field.toString());
        rows.add(row);
        return rows.stream()
                .filter(each -> each.stream().anyMatch(value -> !value.isBlank()))
                .toList();
    }
}
