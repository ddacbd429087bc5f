package dev.cria.page;

import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.DoubleFunction;

/** One entry of a table. */
public sealed interface Cell {
    /** Words, written by whomever: escaped wherever they are shown. */
    record Words(String text) implements Cell {}

    /** A number and how a reader is shown it; files for machines get all its digits. */
    record Number(double value, String shown) implements Cell {}

    /** Nothing to say here. */
    record Blank() implements Cell {}

    Cell NONE = new Blank();

    static Cell of(String text) {
        return new Words(text);
    }

    static Cell of(double value, String shown) {
        return Double.isFinite(value) ? new Number(value, shown) : NONE;
    }

    static Cell of(OptionalDouble value, DoubleFunction<String> writer) {
        return value.isPresent() ? of(value.getAsDouble(), writer.apply(value.getAsDouble())) : NONE;
    }

    static Cell fixed(double value, int decimals) {
        return of(value, Numbers.fixed(value, decimals));
    }

    static Cell count(double value) {
        return of(value, Numbers.count(value));
    }

    /** A proportion, shown in per cent; {@link Number#value} stays 0 to 1. */
    static Cell percent(double proportion) {
        return of(proportion, Numbers.percent(proportion));
    }

    static Cell exact(double value) {
        return of(value, plain(value));
    }

    default String shown() {
        return switch (this) {
            case Words w -> w.text;
            case Number n -> n.shown;
            case Blank _ -> "–";
        };
    }

    /** As a file for machines has it. */
    default String raw() {
        return switch (this) {
            case Words w -> w.text;
            case Number n -> plain(n.value);
            case Blank _ -> "";
        };
    }

    private static String plain(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? String.format(Locale.ROOT, "%d", (long) value)
                : String.valueOf(value);
    }
}
