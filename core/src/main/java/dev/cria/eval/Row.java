package dev.cria.eval;

import dev.cria.RequestException;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * One row of a benchmark, which answers for its fields: what is missing or of the wrong kind is refused with the
 * file, the line and the field.
 *
 * @param number the line in a JSONL file or the row in a Parquet file, counted from 1
 */
record Row(Path file, int number, JsonNode fields) {

    String text(String field) {
        JsonNode value = value(field);
        if (!value.isString()) {
            throw refusal("field " + field + " is " + shown(value) + ", not a text");
        }
        return value.stringValue();
    }

    List<String> texts(String field) {
        JsonNode value = value(field);
        if (!value.isArray() || value.isEmpty()) {
            throw refusal("field " + field + " is " + shown(value) + ", not a list of texts");
        }
        return value.values().stream()
                .map(text -> {
                    if (!text.isString()) {
                        throw refusal("field " + field + " holds " + shown(text) + ", not a text");
                    }
                    return text.stringValue();
                })
                .toList();
    }

    /** The number in a field, which may be written as a text ("3") too, less {@code first}; within [0, choices). */
    int index(String field, int first, int choices) {
        JsonNode value = value(field);
        String written = value.isString() ? value.stringValue().strip() : value.toString();
        if (!written.matches("-?\\d{1,9}")) {
            throw refusal("field " + field + " is " + shown(value) + ", not a whole number");
        }
        int index = Integer.parseInt(written) - first;
        if (index < 0 || index >= choices) {
            throw refusal("field %s is %s, outside %d to %d".formatted(field, written, first, first + choices - 1));
        }
        return index;
    }

    /** Where the text in the field stands among the labels. */
    int indexAmong(List<String> labels, String field) {
        String label = PythonText.lstrip(text(field));
        int index = labels.indexOf(label);
        if (index < 0) {
            throw refusal("field %s is \"%s\", not one of %s".formatted(field, label, String.join(", ", labels)));
        }
        return index;
    }

    /** 1 for true, 0 for false. */
    int truth(String field) {
        JsonNode value = value(field);
        if (!value.isBoolean()) {
            throw refusal("field " + field + " is " + shown(value) + ", not true or false");
        }
        return value.booleanValue() ? 1 : 0;
    }

    boolean has(String field) {
        return fields.hasNonNull(field);
    }

    /** A field that is itself a set of fields, as a row of its own. */
    Row inner(String field) {
        JsonNode value = value(field);
        if (!value.isObject()) {
            throw refusal("field " + field + " is " + shown(value) + ", not an object");
        }
        return new Row(file, number, value);
    }

    private JsonNode value(String field) {
        if (!has(field)) {
            throw refusal(
                    "field " + field + " is missing; the fields here are " + String.join(", ", fields.propertyNames()));
        }
        return fields.get(field);
    }

    private static String shown(JsonNode value) {
        String json = value.toString();
        return json.length() <= 40 ? json : json.substring(0, 40) + "…";
    }

    RequestException refusal(String what) {
        return new RequestException(
                "%s, line %d: %s".formatted(file, number, what),
                "rows are in the schema that the data set has on Hugging Face; docs/evaluation.md lists the fields");
    }
}
