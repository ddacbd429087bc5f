package dev.cria.template;

import dev.cria.template.Arguments.Bound;
import dev.cria.template.Value.Dict;
import dev.cria.template.Value.Generator;
import dev.cria.template.Value.Items;
import dev.cria.template.Value.Kind;
import dev.cria.template.Value.Text;
import dev.cria.template.Value.Undefined;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The filters that take, change and choose elements. */
final class SequenceFilters {
    private final Budget budget;
    private final Operators operators;
    private final Lookup lookup;
    private final Filters filters;
    private final Tests tests;

    SequenceFilters(Budget budget, Operators operators, Lookup lookup, Filters filters, Tests tests) {
        this.budget = budget;
        this.operators = operators;
        this.lookup = lookup;
        this.filters = filters;
        this.tests = tests;
    }

    void addTo(Map<String, Function.Body> all) {
        all.put(
                "length",
                a -> Value.of(operators.length(a.bind("length", "value").value(0))));
        all.put("count", all.get("length"));
        all.put("default", a -> otherwise(a.bind("default", "value", "default_value", "boolean")));
        all.put("d", all.get("default"));
        all.put(
                "list",
                a -> operators.grown(Value.list(
                        List.copyOf(operators.elements(a.bind("list", "value").value(0))))));
        all.put("first", a -> first(a.bind("first", "seq").value(0)));
        all.put("last", a -> last(a.bind("last", "seq").value(0)));
        all.put("reverse", a -> reverse(a.bind("reverse", "value").value(0)));
        all.put("items", a -> items(a.bind("items", "value").value(0)));
        all.put("join", a -> join(a.bind("join", "value", "d", "attribute")));
        all.put("sum", a -> sum(a.bind("sum", "iterable", "attribute", "start")));
        all.put("batch", a -> batch(a.bind("batch", "value", "linecount", "fill_with")));
        all.put("slice", a -> slice(a.bind("slice", "value", "slices", "fill_with")));
        all.put("unique", a -> unique(a.bind("unique", "value", "case_sensitive", "attribute")));
        all.put("attr", a -> attribute(a.bind("attr", "obj", "name")));
        all.put("map", this::map);
        all.put("select", a -> choose(a, false, true));
        all.put("reject", a -> choose(a, false, false));
        all.put("selectattr", a -> choose(a, true, true));
        all.put("rejectattr", a -> choose(a, true, false));
    }

    private static Value otherwise(Bound arguments) {
        Value value = arguments.value(0);
        boolean replaced = value instanceof Undefined || arguments.truth(2) && !Printed.truth(value);
        return replaced ? arguments.get(1).orElse(Value.of("")) : value;
    }

    private Value first(Value value) {
        Iterator<Value> elements = operators.iterate(value);
        return elements.hasNext() ? elements.next() : new Undefined("no first item, the sequence is empty");
    }

    private Value last(Value value) {
        if (value instanceof Generator) {
            throw new Refusal("a generator has no last item; make it a list first");
        }
        List<Value> elements = operators.elements(value);
        return elements.isEmpty() ? new Undefined("no last item, the sequence is empty") : elements.getLast();
    }

    private Value reverse(Value value) {
        if (value instanceof Text text) {
            return operators.grown(
                    text.with(new StringBuilder(text.string()).reverse().toString()));
        }
        List<Value> reversed = new ArrayList<>(operators.elements(value));
        Collections.reverse(reversed);
        return value instanceof Generator ? Value.list(reversed) : new Generator(reversed.iterator());
    }

    private static Value items(Value value) {
        return switch (value) {
            case Undefined _ -> new Generator(Collections.emptyIterator());
            case Dict dict -> new Generator(CollectionMethods.pairs(dict).iterator());
            default -> throw new Refusal("items needs a mapping, not " + Printed.typeOf(value));
        };
    }

    private Value join(Bound arguments) {
        UnaryOperator<Value> attribute =
                arguments.some(2).map(a -> lookup.path(a)).orElse(UnaryOperator.identity());
        List<String> parts = new ArrayList<>();
        for (Value element : operators.elements(arguments.value(0))) {
            parts.add(operators.printed(attribute.apply(element)));
        }
        String separator = arguments.get(1).map(Printed::str).orElse("");
        return Value.of(new TextMethods(budget, operators).joined(separator, parts));
    }

    private Value sum(Bound arguments) {
        UnaryOperator<Value> attribute =
                arguments.some(1).map(a -> lookup.path(a)).orElse(UnaryOperator.identity());
        Value sum = arguments.get(2).orElse(Value.of(0));
        for (Value element : operators.elements(arguments.value(0))) {
            sum = operators.calculate(Operator.ADD, sum, attribute.apply(element));
        }
        return sum;
    }

    private Value batch(Bound arguments) {
        int size = arguments.integer(1, 0);
        List<Value> batches = new ArrayList<>();
        List<Value> elements = operators.elements(arguments.value(0));
        for (int from = 0; from < elements.size(); from += Math.max(1, size)) {
            List<Value> batch =
                    new ArrayList<>(elements.subList(from, Math.min(elements.size(), from + Math.max(1, size))));
            arguments.some(2).ifPresent(fill -> {
                budget.grow((long) Budget.ELEMENT * Math.max(0, size - batch.size()));
                batch.addAll(Collections.nCopies(Math.max(0, size - batch.size()), fill));
            });
            batches.add(Value.list(batch));
        }
        return new Generator(batches.iterator());
    }

    private Value slice(Bound arguments) {
        List<Value> elements = operators.elements(arguments.value(0));
        int slices = arguments.integer(1, 0);
        if (slices == 0) {
            throw new Refusal("slice needs a number of slices");
        }
        budget.grow((long) Budget.ELEMENT * Math.max(0, slices));
        List<Value> parts = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < slices; i++) {
            boolean larger = i < elements.size() % slices;
            int to = from + elements.size() / slices + (larger ? 1 : 0);
            List<Value> part = new ArrayList<>(elements.subList(from, to));
            if (!larger) {
                arguments.some(2).ifPresent(part::add);
            }
            parts.add(Value.list(part));
            from = to;
        }
        return new Generator(parts.iterator());
    }

    private Value unique(Bound arguments) {
        UnaryOperator<Value> key = lookup.key(arguments.some(2), arguments.truth(1));
        Set<Value> seen = new HashSet<>();
        return new Generator(each(arguments.value(0))
                .filter(v -> seen.add(operators.key(key.apply(v))))
                .iterator());
    }

    private Value attribute(Bound arguments) {
        Value object = Operators.defined(arguments.value(0));
        String name = arguments.text(1);
        return lookup.own(object, name)
                .orElseGet(() -> new Undefined("'" + Printed.typeOf(object) + "' has no attribute '" + name + "'"));
    }

    /** The elements of what is not false; none of what is, whatever it is. */
    private Stream<Value> stream(Value value) {
        return Printed.truth(value) ? each(value) : Stream.empty();
    }

    private Stream<Value> each(Value value) {
        Iterator<Value> elements = operators.iterate(value);
        Iterable<Value> all = () -> elements;
        return StreamSupport.stream(all.spliterator(), false).peek(_ -> budget.step(1));
    }

    private Value map(Arguments arguments) {
        Value value = arguments.positional().getFirst();
        Arguments rest = arguments.rest();
        Map<String, Value> named = new LinkedHashMap<>(rest.named());
        if (rest.positional().isEmpty() && named.containsKey("attribute")) {
            Value attribute = named.remove("attribute");
            Value otherwise = named.getOrDefault("default", Value.NONE);
            named.remove("default");
            if (!named.isEmpty()) {
                throw new Refusal(
                        "map has no argument '" + named.keySet().iterator().next() + "'");
            }
            UnaryOperator<Value> path = lookup.path(attribute, otherwise);
            return new Generator(stream(value).map(path).iterator());
        }
        if (rest.positional().isEmpty()) {
            throw new Refusal("map needs the name of a filter");
        }
        String name = Printed.str(rest.positional().getFirst());
        return new Generator(stream(value)
                .map(element -> filters.apply(name, before(element, rest.rest())))
                .iterator());
    }

    private static Arguments before(Value first, Arguments rest) {
        List<Value> positional = new ArrayList<>(List.of(first));
        positional.addAll(rest.positional());
        return new Arguments(positional, rest.named());
    }

    private Value choose(Arguments arguments, boolean byAttribute, boolean chosen) {
        Value value = arguments.positional().getFirst();
        Arguments rest = arguments.rest();
        UnaryOperator<Value> part = UnaryOperator.identity();
        if (byAttribute) {
            if (rest.positional().isEmpty()) {
                throw new Refusal("selectattr and rejectattr need the name of an attribute");
            }
            part = lookup.path(rest.positional().getFirst());
            rest = rest.rest();
        }
        Predicate<Value> test = test(rest);
        UnaryOperator<Value> judged = part;
        return new Generator(stream(value)
                .filter(element -> test.test(judged.apply(element)) == chosen)
                .iterator());
    }

    private Predicate<Value> test(Arguments arguments) {
        if (arguments.positional().isEmpty()) {
            return Printed::truth;
        }
        String name = Printed.str(arguments.positional().getFirst());
        return element -> tests.holds(name, before(element, arguments.rest()));
    }

    static Items pair(Value grouper, List<Value> list) {
        return new Items(Kind.TUPLE, List.of(grouper, Value.list(list)), List.of("grouper", "list"));
    }
}
