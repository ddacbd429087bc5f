package dev.cria.template;

import dev.cria.template.Value.Dict;
import dev.cria.template.Value.Items;
import dev.cria.template.Value.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The methods of lists, tuples and maps that change nothing; the sandbox of the reference forbids the others. */
final class CollectionMethods {
    private final Operators operators;

    CollectionMethods(Operators operators) {
        this.operators = operators;
    }

    Optional<Value> of(Items items, String name) {
        int named = items.kind() == Kind.RANGE ? -1 : items.names().indexOf(name);
        if (named >= 0) {
            return Optional.of(items.list().get(named));
        }
        return Optional.ofNullable(
                switch (name) {
                    case "index" -> new Function("index", a -> index(items, a.bind("index", "value")));
                    case "count" ->
                        new Function(
                                "count",
                                a -> count(items, a.bind("count", "value").value(0)));
                    case "copy" -> items.kind() == Kind.LIST ? new Function("copy", _ -> items) : null;
                    default -> null;
                });
    }

    private Value index(Items items, Arguments.Bound arguments) {
        for (int i = 0; i < items.list().size(); i++) {
            if (operators.equal(items.list().get(i), arguments.value(0))) {
                return Value.of(i);
            }
        }
        throw new Refusal("the value is not in the list");
    }

    private Value count(Items items, Value sought) {
        return Value.of(
                items.list().stream().filter(v -> operators.equal(v, sought)).count());
    }

    Optional<Value> of(Dict dict, String name) {
        return Optional.ofNullable(
                switch (name) {
                    case "get" -> new Function("get", a -> get(dict, a.bind("get", "key", "default")));
                    case "items" -> new Function("items", a -> view(Kind.ITEMS, pairs(dict), a));
                    case "keys" ->
                        new Function(
                                "keys",
                                a -> view(Kind.KEYS, List.copyOf(dict.entries().keySet()), a));
                    case "values" ->
                        new Function(
                                "values",
                                a -> view(
                                        Kind.VALUES, List.copyOf(dict.entries().values()), a));
                    case "copy" -> new Function("copy", _ -> dict);
                    default -> null;
                });
    }

    private Value get(Dict dict, Arguments.Bound arguments) {
        Value found = dict.entries().get(operators.key(arguments.value(0)));
        return found != null ? found : arguments.get(1).orElse(Value.NONE);
    }

    private Value view(Kind kind, List<Value> list, Arguments arguments) {
        arguments.bind("a view of a dict");
        return operators.grown(new Items(kind, list));
    }

    static List<Value> pairs(Dict dict) {
        List<Value> pairs = new ArrayList<>();
        dict.entries().forEach((key, value) -> pairs.add(Value.tuple(List.of(key, value))));
        return pairs;
    }
}
