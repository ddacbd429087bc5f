package dev.cria.data.source;

import dev.cria.RequestException;
import dev.cria.WorkException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * Makes rows of the lines of a block. Only the keys that are needed become strings; the rest is stepped over.
 *
 * @param name of the file, for rows and refusals
 * @param textField the key that holds the text
 */
record JsonRows(String name, String textField) {
    private static final int BYTE_ORDER_MARK = 3;
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    void read(byte[] bytes, long firstRow, long firstLine, Consumer<Row> rows) {
        long row = firstRow;
        long line = firstLine;
        int start = firstLine == 1 && hasByteOrderMark(bytes) ? BYTE_ORDER_MARK : 0;
        while (start < bytes.length) {
            int end = start;
            while (end < bytes.length && bytes[end] != '\n') {
                end++;
            }
            if (!isBlank(bytes, start, end)) {
                rows.accept(parse(bytes, start, end - start, row, line));
                row++;
            }
            line++;
            start = end + 1;
        }
    }

    private static boolean hasByteOrderMark(byte[] bytes) {
        return bytes.length >= BYTE_ORDER_MARK
                && bytes[0] == (byte) 0xEF
                && bytes[1] == (byte) 0xBB
                && bytes[2] == (byte) 0xBF;
    }

    private static boolean isBlank(byte[] bytes, int start, int end) {
        for (int i = start; i < end; i++) {
            if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\r') {
                return false;
            }
        }
        return true;
    }

    private Row parse(byte[] bytes, int offset, int length, long row, long line) {
        Utf8Text json = Utf8Text.decode(bytes, offset, length);
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json.text())) {
            Fields fields = fields(parser);
            if (fields == null) {
                return new Row.Unreadable(name, row, notJson(line, "it is no object"));
            }
            Optional<String> id = Optional.ofNullable(fields.id);
            if (!fields.textSeen) {
                return new Row.Unreadable(name, row, withoutTextField(line, fields.keys));
            }
            if (fields.text == null) {
                return new Row.WithoutText(name, row, id);
            }
            Utf8Text text = Utf8Text.of(fields.text).and(json.encoding());
            return new Row.Document(
                    name, row, id, text.text(), text.encoding(), Optional.ofNullable(fields.dump), fields.score);
        } catch (JacksonException e) {
            return new Row.Unreadable(name, row, notJson(line, e.getOriginalMessage()));
        }
    }

    private static final class Fields {
        boolean textSeen;

        @Nullable
        String text;

        @Nullable
        String id;

        @Nullable
        String dump;

        OptionalDouble score = OptionalDouble.empty();
        final Set<String> keys = new LinkedHashSet<>();
    }

    private @Nullable Fields fields(JsonParser parser) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return null;
        }
        Fields fields = new Fields();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            JsonToken value = parser.nextToken();
            fields.keys.add(key);
            if (key.equals(textField)) {
                fields.textSeen = value == JsonToken.VALUE_STRING || value == JsonToken.VALUE_NULL;
                fields.text = value == JsonToken.VALUE_STRING ? parser.getString() : null;
            } else {
                switch (key) {
                    case "id" -> fields.id = value.isScalarValue() ? scalar(parser, value) : null;
                    case "dump" -> fields.dump = value.isScalarValue() ? scalar(parser, value) : null;
                    case "score" ->
                        fields.score =
                                value.isNumeric() ? OptionalDouble.of(parser.getDoubleValue()) : OptionalDouble.empty();
                    default -> {}
                }
            }
            parser.skipChildren();
        }
        if (parser.nextToken() != null) {
            return null;
        }
        return fields;
    }

    private static @Nullable String scalar(JsonParser parser, JsonToken value) {
        return value == JsonToken.VALUE_NULL
                ? null
                : Utf8Text.of(parser.getString()).text();
    }

    private WorkException notJson(long line, String reason) {
        return new WorkException(
                "%s line %d is not JSON: %s"
                        .formatted(name, line, reason.lines().findFirst().orElse("")),
                "sed -n %dp %s, or go on without such lines: --skip-bad".formatted(line, name));
    }

    private RequestException withoutTextField(long line, Set<String> keys) {
        return new RequestException(
                "%s line %d has no text under '%s'; its keys are %s".formatted(name, line, textField, keys),
                "--text-field NAME, or go on without such lines: --skip-bad");
    }
}
