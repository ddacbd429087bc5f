package dev.cria.template;

import dev.cria.template.Arguments.Bound;
import dev.cria.template.Value.Dict;
import dev.cria.template.Value.Text;
import dev.cria.template.Value.Undefined;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The filters that put elements in order; texts without regard to case unless told otherwise. */
final class OrderFilters {
    private final Operators operators;
    private final Lookup lookup;

    OrderFilters(Operators operators, Lookup lookup) {
        this.operators = operators;
        this.lookup = lookup;
    }

    void addTo(Map<String, Function.Body> filters) {
        filters.put("sort", a -> sort(a.bind("sort", "value", "reverse", "case_sensitive", "attribute")));
        filters.put("dictsort", a -> sortDict(a.bind("dictsort", "value", "case_sensitive", "by", "reverse")));
        filters.put("groupby", a -> group(a.bind("groupby", "value", "attribute", "default", "case_sensitive")));
        filters.put("min", a -> extreme(a.bind("min", "value", "case_sensitive", "attribute"), 1));
        filters.put("max", a -> extreme(a.bind("max", "value", "case_sensitive", "attribute"), -1));
    }

    /** The elements in the order of their keys, equal ones as they were. */
    private List<Value> sorted(List<Value> elements, UnaryOperator<Value> key, boolean reversed) {
        record Keyed(Value key, Value value) {}
        Comparator<Keyed> order = (a, b) -> operators.compare(a.key(), b.key());
        return elements.stream()
                .map(v -> new Keyed(key.apply(v), v))
                .sorted(reversed ? order.reversed() : order)
                .map(Keyed::value)
                .toList();
    }

    private Value sort(Bound arguments) {
        boolean exact = arguments.truth(2);
        UnaryOperator<Value> key = keys(arguments.some(3), exact);
        return operators.grown(Value.list(sorted(operators.elements(arguments.value(0)), key, arguments.truth(1))));
    }

    /** A list even for one attribute or none, so that what is equal needs no order. */
    private UnaryOperator<Value> keys(Optional<Value> attributes, boolean exact) {
        List<UnaryOperator<Value>> keys = new ArrayList<>();
        if (attributes.isPresent() && attributes.get() instanceof Text text) {
            for (String attribute : text.string().split(",", -1)) {
                keys.add(lookup.key(Optional.of(Value.of(attribute)), exact));
            }
        } else {
            keys.add(lookup.key(attributes, exact));
        }
        return value -> Value.list(keys.stream().map(key -> key.apply(value)).toList());
    }

    private Value sortDict(Bound arguments) {
        if (!(Operators.defined(arguments.value(0)) instanceof Dict dict)) {
            throw new Refusal("dictsort needs a mapping, not " + Printed.typeOf(arguments.value(0)));
        }
        int side =
                switch (arguments.someText(2).orElse("key")) {
                    case "key" -> 0;
                    case "value" -> 1;
                    default -> throw new Refusal("dictsort sorts by 'key' or by 'value'");
                };
        UnaryOperator<Value> key = lookup.key(Optional.of(Value.of(side)), arguments.truth(1));
        return operators.grown(Value.list(sorted(CollectionMethods.pairs(dict), key, arguments.truth(3))));
    }

    private Value group(Bound arguments) {
        boolean exact = arguments.truth(3);
        UnaryOperator<Value> path =
                lookup.path(arguments.value(1), arguments.get(2).orElse(Value.NONE));
        UnaryOperator<Value> key = value -> exact ? path.apply(value) : Lookup.withoutCase(path.apply(value));
        List<Value> groups = new ArrayList<>();
        List<Value> group = new ArrayList<>();
        for (Value element : sorted(operators.elements(arguments.value(0)), key, false)) {
            if (!group.isEmpty() && !operators.equal(key.apply(group.getFirst()), key.apply(element))) {
                groups.add(SequenceFilters.pair(path.apply(group.getFirst()), group));
                group = new ArrayList<>();
            }
            group.add(element);
        }
        if (!group.isEmpty()) {
            groups.add(SequenceFilters.pair(path.apply(group.getFirst()), group));
        }
        return operators.grown(Value.list(groups));
    }

    private Value extreme(Bound arguments, int sign) {
        UnaryOperator<Value> key = lookup.key(arguments.some(2), arguments.truth(1));
        List<Value> elements = operators.elements(arguments.value(0));
        if (elements.isEmpty()) {
            return new Undefined("no smallest or largest item, the sequence is empty");
        }
        Value best = elements.getFirst();
        for (Value element : elements.subList(1, elements.size())) {
            if (sign * operators.compare(key.apply(element), key.apply(best)) < 0) {
                best = element;
            }
        }
        return best;
    }
}
