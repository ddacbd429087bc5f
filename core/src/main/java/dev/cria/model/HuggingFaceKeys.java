package dev.cria.model;

import dev.cria.RequestException;
import java.util.Map;
import java.util.Optional;

/**
 * The keys of a {@code config.json} or of a {@code model:} section, read with their types checked.
 *
 * @param source where they stand, for messages: a file, or {@code model}
 */
public record HuggingFaceKeys(String source, Map<String, Object> values) {

    Optional<String> text(String key) {
        return Optional.ofNullable(values.get(key)).map(String::valueOf);
    }

    int size(String key) {
        return optionalSize(key)
                .orElseThrow(() -> new RequestException(
                        source + " has no " + key, "name a preset, or give " + key + " and the other sizes"));
    }

    Optional<Integer> optionalSize(String key) {
        return switch (values.get(key)) {
            case null -> Optional.empty();
            case Number n when n.doubleValue() == n.intValue() && n.intValue() > 0 -> Optional.of(n.intValue());
            case Object other -> throw refuse(key, "is " + other + ", not a whole number above 0");
        };
    }

    double number(String key, double otherwise) {
        return switch (values.get(key)) {
            case null -> otherwise;
            case Number n -> n.doubleValue();
            case Object other -> throw refuse(key, "is " + other + ", not a number");
        };
    }

    /** A number above 0. */
    double positive(String key, double otherwise) {
        double number = number(key, otherwise);
        if (!(number > 0 && number < Double.POSITIVE_INFINITY)) {
            throw refuse(key, "is " + number + ", not a number above 0");
        }
        return number;
    }

    boolean flag(String key, boolean otherwise) {
        return switch (values.get(key)) {
            case null -> otherwise;
            case Boolean b -> b;
            case Object other -> throw refuse(key, "is " + other + ", not true or false");
        };
    }

    /** A token id; the first where there are several. */
    Optional<Integer> id(String key) {
        return switch (values.get(key)) {
            case null -> Optional.empty();
            case Number n -> Optional.of(n.intValue());
            case java.util.List<?> several
            when !several.isEmpty() && several.getFirst() instanceof Number n -> Optional.of(n.intValue());
            case Object other -> throw refuse(key, "is " + other + ", not a token id");
        };
    }

    /** A section, empty where there is none. */
    @SuppressWarnings("unchecked")
    HuggingFaceKeys section(String key) {
        return switch (values.get(key)) {
            case null -> new HuggingFaceKeys(source + "." + key, Map.of());
            case Map<?, ?> map -> new HuggingFaceKeys(source + "." + key, (Map<String, Object>) map);
            case Object other -> throw refuse(key, "is " + other + ", not a section");
        };
    }

    RequestException refuse(String key, String why) {
        return new RequestException(source + "." + key + " " + why, "see docs/interop.md for what is supported");
    }
}
