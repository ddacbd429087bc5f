package dev.cria.template;

import dev.cria.template.Value.Int;
import dev.cria.template.Value.None;
import dev.cria.template.Value.Text;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a function, filter or test was called with. */
record Arguments(List<Value> positional, Map<String, Value> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());

    static Arguments of(Value... positional) {
        return new Arguments(List.of(positional), Map.of());
    }

    /** The same without the first positional one. */
    Arguments rest() {
        return new Arguments(positional.subList(1, positional.size()), named);
    }

    /** The arguments by the names of a function's parameters; unknown and surplus ones are refused. */
    Bound bind(String function, String... parameters) {
        if (positional.size() > parameters.length) {
            throw new Refusal(
                    function + " takes at most " + parameters.length + " arguments, and has " + positional.size());
        }
        List<Optional<Value>> values = new ArrayList<>(Collections.nCopies(parameters.length, Optional.empty()));
        for (int i = 0; i < positional.size(); i++) {
            values.set(i, Optional.of(positional.get(i)));
        }
        named.forEach((name, value) -> {
            int at = List.of(parameters).indexOf(name);
            if (at < 0 || values.get(at).isPresent()) {
                throw new Refusal(function + (at < 0 ? " has no argument '" : " has two values for '") + name + "'");
            }
            values.set(at, Optional.of(value));
        });
        return new Bound(function, List.of(parameters), values);
    }

    /** Arguments by the number of their parameter. */
    record Bound(String function, List<String> parameters, List<Optional<Value>> values) {
        Optional<Value> get(int index) {
            return values.get(index);
        }

        /** One that is given and not none. */
        Optional<Value> some(int index) {
            return values.get(index).filter(v -> !(v instanceof None));
        }

        Value value(int index) {
            return values.get(index)
                    .orElseThrow(() -> new Refusal(function + " needs the argument '" + parameters.get(index) + "'"));
        }

        String text(int index) {
            return text(index, value(index));
        }

        Optional<String> someText(int index) {
            return some(index).map(v -> text(index, v));
        }

        private String text(int index, Value value) {
            if (value instanceof Text text) {
                return text.string();
            }
            throw new Refusal(
                    function + " needs text for '" + parameters.get(index) + "', not " + Printed.typeOf(value));
        }

        boolean truth(int index) {
            return get(index).map(Printed::truth).orElse(false);
        }

        /** An integer that fits; larger ones are as good as the largest. */
        int integer(int index, int otherwise) {
            return some(index).map(v -> integer(index, v)).orElse(otherwise);
        }

        private int integer(int index, Value value) {
            BigInteger number =
                    switch (value) {
                        case Int i -> i.number();
                        case Value.Bool b -> b.integer();
                        default ->
                            throw new Refusal(function + " needs an integer for '" + parameters.get(index) + "', not "
                                    + Printed.typeOf(value));
                    };
            return number.max(BigInteger.valueOf(-Integer.MAX_VALUE))
                    .min(BigInteger.valueOf(Integer.MAX_VALUE))
                    .intValue();
        }
    }
}
