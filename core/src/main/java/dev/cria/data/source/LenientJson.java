package dev.cria.data.source;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.json.JsonMapper;

/** JSON as Python writes it, with {@code NaN} and {@code Infinity}, and of any length. */
final class LenientJson {
    /** Each level costs a few dozen bytes, and nobody's data have a thousand. */
    private static final int DEEPEST = 10_000;

    static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxNestingDepth(DEEPEST)
                    .build())
            .build();

    static final JsonMapper MAPPER = new JsonMapper(FACTORY);

    private LenientJson() {}

    /** What is wrong, in a line, without the parser's settings. */
    static String complaint(JacksonException e) {
        if (e instanceof StreamConstraintsException) {
            return "it is nested deeper than " + DEEPEST + " levels";
        }
        return e.getOriginalMessage()
                .lines()
                .findFirst()
                .orElse("")
                .replaceFirst(
                        ":? ?(was expecting|expected a valid value)? ?\\(JSON String, .*", ": a value was expected")
                .replaceFirst("\\s*\\((for|start marker|from) .*", "")
                .replaceFirst(" \\(code [^()]*\\)", "")
                .replaceFirst("\\s*[(:]?[^(:]*`?(Json|Stream)ReadFeature.*", "")
                .replaceFirst(": maybe a \\(non-standard\\) comment.*", "")
                .strip();
    }

    /** What a value is, by its first token. */
    static String what(@Nullable JsonToken first) {
        return switch (first) {
            case null -> "nothing";
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "a string";
            case VALUE_NULL -> "null";
            case VALUE_TRUE, VALUE_FALSE -> "true or false";
            default -> "a number";
        };
    }
}
