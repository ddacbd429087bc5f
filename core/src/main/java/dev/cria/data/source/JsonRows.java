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

/**
 * Makes rows of JSON objects. Only the keys that are needed become strings; the rest is stepped over.
 *
 * @param name of the file, for rows and refusals
 * @param compression of the file, for what to type to see a line of it
 */
record JsonRows(String name, Compression compression, Reading reading) {
    private static final int MOST_KEYS = 20;

    /** A sink of values that hands on rows. */
    JsonCuts.Sink into(Consumer<Row> rows) {
        return new JsonCuts.Sink() {
            @Override
            public void value(byte[] bytes, int offset, int length, long row, long line) {
                rows.accept(parse(bytes, offset, length, row, line));
            }

            @Override
            public void tooLong(long row, long line, long bytes) {
                rows.accept(new Row.Unreadable(name, row, reading.tooLong(name + " line " + line, bytes)));
            }

            @Override
            public void lost(WorkException why) {
                rows.accept(new Row.Unreadable(name, -1, why));
            }
        };
    }

    private Row parse(byte[] bytes, int offset, int length, long row, long line) {
        Utf8Text json = Utf8Text.decode(bytes, offset, length);
        try (JsonParser parser = LenientJson.FACTORY.createParser(ObjectReadContext.empty(), json.withoutMark())) {
            JsonToken first = parser.nextToken();
            if (first != JsonToken.START_OBJECT) {
                return new Row.Unreadable(name, row, notAnObject(line, LenientJson.what(first)));
            }
            Fields fields = fields(parser);
            if (parser.nextToken() != null) {
                return new Row.Unreadable(name, row, notJson(line, "more than one value, and each needs its own line"));
            }
            return row(fields, json.encoding(), row, line);
        } catch (JacksonException e) {
            return new Row.Unreadable(name, row, notJson(line, LenientJson.complaint(e)));
        }
    }

    private Row row(Fields fields, Row.Encoding encoding, long row, long line) {
        Optional<String> id = Optional.ofNullable(fields.id);
        if (fields.textToken == JsonToken.VALUE_NULL) {
            return new Row.WithoutText(name, row, id);
        }
        if (fields.text == null) {
            return new Row.Unreadable(name, row, withoutText(line, fields));
        }
        Utf8Text text = Utf8Text.of(fields.text).and(encoding);
        return new Row.Document(
                name, row, id, text.text(), text.encoding(), Optional.ofNullable(fields.dump), fields.score);
    }

    private static final class Fields {
        @Nullable
        JsonToken textToken;

        @Nullable
        String text;

        @Nullable
        String id;

        @Nullable
        String dump;

        OptionalDouble score = OptionalDouble.empty();
        final Set<String> keys = new LinkedHashSet<>();
    }

    private Fields fields(JsonParser parser) {
        Fields fields = new Fields();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            JsonToken value = parser.nextToken();
            if (fields.keys.size() < MOST_KEYS) {
                fields.keys.add(key);
            }
            if (key.equals(reading.textField())) {
                fields.textToken = value;
                fields.text = value == JsonToken.VALUE_STRING ? parser.getString() : null;
            } else {
                switch (key) {
                    case "id" -> fields.id = scalar(parser, value);
                    case "dump" -> fields.dump = scalar(parser, value);
                    case "score" -> fields.score = Numbers.in(Optional.ofNullable(scalar(parser, value)));
                    default -> {}
                }
            }
            parser.skipChildren();
        }
        return fields;
    }

    private static @Nullable String scalar(JsonParser parser, JsonToken value) {
        return value == JsonToken.VALUE_NULL || !value.isScalarValue()
                ? null
                : Utf8Text.of(parser.getString()).text();
    }

    private WorkException notJson(long line, String reason) {
        return new WorkException(
                "%s line %d is not JSON: %s".formatted(name, line, reason),
                compression.showLine(name, line) + ", or continue without such lines: --skip-bad");
    }

    private WorkException notAnObject(long line, String what) {
        return new WorkException(
                "%s line %d is %s, not an object with the key '%s'".formatted(name, line, what, reading.textField()),
                compression.showLine(name, line) + ", or continue without such lines: --skip-bad");
    }

    private RequestException withoutText(long line, Fields fields) {
        String what = fields.textToken == null
                ? "no key '%s'; its keys are %s".formatted(reading.textField(), fields.keys)
                : "%s under '%s', where the text should be"
                        .formatted(LenientJson.what(fields.textToken), reading.textField());
        return new RequestException(
                "%s line %d has %s".formatted(name, line, what),
                "--text-field NAME, or continue without such lines: --skip-bad");
    }
}
