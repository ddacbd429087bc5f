package dev.cria.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that a template can see. {@code equals} and {@code hashCode} are Python's {@code ==} and {@code hash}.
 *
 * <p>Lists and maps never change, as Jinja's immutable sandbox has it, so each knows its size and its depth from the
 * start, and one that is too large or too deep is not made. All that walks a value is thereby bounded.
 */
sealed interface Value {
    int DEEPEST = 100;

    Value NONE = None.NONE;
    Value TRUE = new Bool(true);
    Value FALSE = new Bool(false);

    /** @param markup whether it is marked as safe HTML, so that a text that is added to it is escaped */
    record Text(String string, boolean markup) implements Value {
        Text(String string) {
            this(string, false);
        }

        /** Another text, marked as this one is. */
        Text with(String other) {
            return new Text(other, markup);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Text t && string.equals(t.string);
        }

        @Override
        public int hashCode() {
            return string.hashCode();
        }
    }

    /** Numbers of three types that are equal when their values are. */
    sealed interface Numeric extends Value {
        double real();
    }

    record Int(BigInteger number) implements Numeric {
        Int(long number) {
            this(BigInteger.valueOf(number));
        }

        @Override
        public double real() {
            return number.doubleValue();
        }

        @Override
        public boolean equals(Object other) {
            return switch (other) {
                case Int i -> number.equals(i.number);
                case Bool b -> number.equals(b.integer());
                case Real r ->
                    Double.isFinite(r.number) && new BigDecimal(number).compareTo(new BigDecimal(r.number)) == 0;
                default -> false;
            };
        }

        @Override
        public int hashCode() {
            return number.hashCode();
        }
    }

    record Bool(boolean holds) implements Numeric {
        BigInteger integer() {
            return holds ? BigInteger.ONE : BigInteger.ZERO;
        }

        @Override
        public double real() {
            return holds ? 1 : 0;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Bool b
                    ? holds == b.holds
                    : other instanceof Numeric && other.equals(new Int(integer()));
        }

        @Override
        public int hashCode() {
            return integer().hashCode();
        }
    }

    record Real(double number) implements Numeric {
        @Override
        public double real() {
            return number;
        }

        @Override
        public boolean equals(Object other) {
            return switch (other) {
                case Real r -> number == r.number;
                case Int i -> i.equals(this);
                case Bool b -> number == b.real();
                default -> false;
            };
        }

        @Override
        public int hashCode() {
            return Double.isFinite(number) && number == Math.rint(number)
                    ? new BigDecimal(number).toBigInteger().hashCode()
                    : Double.hashCode(number);
        }
    }

    enum None implements Value {
        NONE
    }

    /** @param why what to say when more is done with it than printing or testing it */
    record Undefined(String why) implements Value {
        static Undefined name(String name) {
            return new Undefined("'" + name + "' is undefined");
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Undefined;
        }

        @Override
        public int hashCode() {
            return 0;
        }
    }

    /** What has a length and an order. The views are those of a map; none of them has an element by its number. */
    enum Kind {
        LIST,
        TUPLE,
        RANGE,
        KEYS,
        VALUES,
        ITEMS
    }

    /**
     * Values in order.
     *
     * @param names of the elements, where they have any: those of {@code groupby}
     */
    record Items(Kind kind, List<Value> list, List<String> names, int depth, long size) implements Value {
        Items(Kind kind, List<Value> list) {
            this(kind, list, List.of());
        }

        Items(Kind kind, List<Value> list, List<String> names) {
            this(kind, list, names, deeper(list), sum(list));
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Items i && kind == i.kind && size == i.size && list.equals(i.list);
        }

        @Override
        public int hashCode() {
            return list.hashCode();
        }
    }

    record Dict(Map<Value, Value> entries, int depth, long size) implements Value {
        Dict(Map<Value, Value> entries) {
            this(entries, deeper(entries.values()), sum(entries.keySet()) + sum(entries.values()));
        }

        static Dict of(Map<String, Value> named) {
            Map<Value, Value> entries = new LinkedHashMap<>();
            named.forEach((name, value) -> entries.put(new Text(name), value));
            return new Dict(entries);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Dict d && size == d.size && entries.equals(d.entries);
        }

        @Override
        public int hashCode() {
            return entries.hashCode();
        }
    }

    /** Elements that can be taken once: what {@code map}, {@code select} and their like give. */
    record Generator(Iterator<Value> elements) implements Value {
        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    /** The one thing that a template may change. */
    record Namespace(Map<String, Value> attributes) implements Value {
        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    /** What can be called or asked for attributes: methods, macros, loops. */
    non-sealed interface Callable extends Value {
        String name();

        Value call(Arguments arguments);

        default Optional<Value> attribute(@SuppressWarnings("unused") String name) {
            return Optional.empty();
        }
    }

    static Value of(boolean holds) {
        return holds ? TRUE : FALSE;
    }

    static Value of(String text) {
        return new Text(text);
    }

    static Value of(long number) {
        return new Int(number);
    }

    static Items list(List<Value> list) {
        return new Items(Kind.LIST, list);
    }

    static Items tuple(List<Value> list) {
        return new Items(Kind.TUPLE, list);
    }

    private static int deeper(Iterable<Value> elements) {
        int deepest = 0;
        for (Value element : elements) {
            deepest = Math.max(deepest, depthOf(element));
        }
        if (deepest >= DEEPEST) {
            throw new Refusal("a value of the template nests deeper than " + DEEPEST + " levels");
        }
        return deepest + 1;
    }

    private static int depthOf(Value value) {
        return switch (value) {
            case Items i -> i.depth;
            case Dict d -> d.depth;
            default -> 0;
        };
    }

    private static long sum(Iterable<Value> elements) {
        long sum = Budget.ELEMENT;
        for (Value element : elements) {
            sum += sizeOf(element);
        }
        if (sum > Budget.LARGEST) {
            throw new Refusal("a value of the template has more than " + Budget.LARGEST / Budget.ELEMENT + " elements");
        }
        return sum;
    }

    /** The room that a value takes with all that it holds: about one for a character, more for an element. */
    static long sizeOf(Value value) {
        return switch (value) {
            case Text t -> (long) Budget.ELEMENT + t.string.length();
            case Int i -> Budget.ELEMENT + i.number.bitLength() / 8L;
            case Items i -> i.size;
            case Dict d -> d.size;
            default -> Budget.ELEMENT;
        };
    }
}
