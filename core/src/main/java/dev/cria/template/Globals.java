package dev.cria.template;

import dev.cria.template.Value.Callable;
import dev.cria.template.Value.Dict;
import dev.cria.template.Value.Items;
import dev.cria.template.Value.Namespace;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The functions that every template has. */
final class Globals {
    private final Operators operators;
    private final Map<String, Value> functions = new HashMap<>();

    Globals(Operators operators, Clock clock) {
        this.operators = operators;
        function("range", Ranges::range);
        function("dict", a -> new Dict(entries(a)));
        function("namespace", this::namespace);
        function("raise_exception", a -> {
            throw new Refusal(Printed.str(a.bind("raise_exception", "message").value(0)), true);
        });
        function(
                "strftime_now",
                a -> Value.of(Strftime.format(ZonedDateTime.now(clock), shortText(a.bind("strftime_now", "format")))));
        function("joiner", a -> new Joiner(a.bind("joiner", "sep").get(0).orElse(Value.of(", "))));
        function("cycler", a -> new Cycler(a.positional()));
    }

    private void function(String name, Function.Body body) {
        functions.put(name, new Function(name, body));
    }

    private static String shortText(Arguments.Bound arguments) {
        String format = arguments.text(0);
        if (format.length() > 1_000) {
            throw new Refusal("strftime_now's format has " + format.length() + " characters, more than 1000");
        }
        return format;
    }

    Optional<Value> get(String name) {
        return Optional.ofNullable(functions.get(name));
    }

    private Map<Value, Value> entries(Arguments arguments) {
        Map<Value, Value> entries = new LinkedHashMap<>();
        if (arguments.positional().size() > 1) {
            throw new Refusal("dict takes one map or one list of pairs, and names");
        }
        for (Value given : arguments.positional()) {
            List<Value> pairs = given instanceof Dict dict ? CollectionMethods.pairs(dict) : operators.elements(given);
            for (Value pair : pairs) {
                if (!(pair instanceof Items items && items.list().size() == 2)) {
                    throw new Refusal("dict needs pairs of a key and a value");
                }
                entries.put(operators.key(items.list().getFirst()), items.list().getLast());
            }
        }
        arguments.named().forEach((name, value) -> entries.put(Value.of(name), value));
        return entries;
    }

    private Value namespace(Arguments arguments) {
        Map<String, Value> attributes = new LinkedHashMap<>();
        entries(arguments).forEach((key, value) -> attributes.put(Printed.str(key), value));
        return new Namespace(attributes);
    }

    /** Gives its separator from the second call on. */
    private static final class Joiner implements Callable {
        private final Value separator;
        private boolean used;

        Joiner(Value separator) {
            this.separator = separator;
        }

        @Override
        public String name() {
            return "joiner";
        }

        @Override
        public Value call(Arguments arguments) {
            Value given = used ? separator : Value.of("");
            used = true;
            return given;
        }
    }

    /** Gives its items in turn. */
    private static final class Cycler implements Callable {
        private final List<Value> items;
        private int at;

        Cycler(List<Value> items) {
            if (items.isEmpty()) {
                throw new Refusal("cycler needs at least one item");
            }
            this.items = items;
        }

        @Override
        public String name() {
            return "cycler";
        }

        @Override
        public Value call(Arguments arguments) {
            throw new Refusal("a cycler is asked for its next()");
        }

        @Override
        public Optional<Value> attribute(String name) {
            return Optional.ofNullable(
                    switch (name) {
                        case "current" -> items.get(at);
                        case "next" -> new Function("next", _ -> advanced());
                        case "reset" -> new Function("reset", _ -> reset());
                        default -> null;
                    });
        }

        private Value advanced() {
            Value given = items.get(at);
            at = (at + 1) % items.size();
            return given;
        }

        private Value reset() {
            at = 0;
            return NONE;
        }
    }
}
