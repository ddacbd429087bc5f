package dev.cria.report;

import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;

/** Reads single values out of a JSON tree; what is absent or of another kind is empty, never an error. */
final class Fields {
    private Fields() {}

    /** The first of the names that holds a finite number. */
    static OptionalDouble number(JsonNode node, String... names) {
        for (String name : names) {
            JsonNode value = node.path(name);
            if (value.isNumber() && Double.isFinite(value.doubleValue())) {
                return OptionalDouble.of(value.doubleValue());
            }
        }
        return OptionalDouble.empty();
    }

    /** As {@link #number}, NaN where there is none. */
    static double numberOrNaN(JsonNode node, String... names) {
        return number(node, names).orElse(Double.NaN);
    }

    /** The first of the names that holds words, a number or a truth value, as text. */
    static Optional<String> text(JsonNode node, String... names) {
        for (String name : names) {
            JsonNode value = node.path(name);
            if (value.isValueNode() && !value.isNull() && !value.isMissingNode()) {
                return Optional.of(value.asString());
            }
        }
        return Optional.empty();
    }
}
