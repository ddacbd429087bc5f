package dev.cria.data.source;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/** Numbers as other programs write them, among them those in strings. */
final class Numbers {
    private static final int LONGEST = 100;
    private static final Pattern DECIMAL = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

    private Numbers() {}

    /** The finite number that a text is; empty for all other texts. */
    static OptionalDouble in(Optional<String> text) {
        String stripped = text.map(String::strip).orElse("");
        if (stripped.length() > LONGEST || !DECIMAL.matcher(stripped).matches()) {
            return OptionalDouble.empty();
        }
        return finite(Double.parseDouble(stripped));
    }

    /** The number, unless it is infinite or none. */
    static OptionalDouble finite(double number) {
        return Double.isFinite(number) ? OptionalDouble.of(number) : OptionalDouble.empty();
    }
}
