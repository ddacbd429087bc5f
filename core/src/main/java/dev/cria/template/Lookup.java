package dev.cria.template;

import dev.cria.template.Value.Bool;
import dev.cria.template.Value.Callable;
import dev.cria.template.Value.Dict;
import dev.cria.template.Value.Generator;
import dev.cria.template.Value.Int;
import dev.cria.template.Value.Items;
import dev.cria.template.Value.Kind;
import dev.cria.template.Value.Namespace;
import dev.cria.template.Value.None;
import dev.cria.template.Value.Real;
import dev.cria.template.Value.Text;
import dev.cria.template.Value.Undefined;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * {@code value.name} and {@code value[key]}: the first asks for a method and then for an item, the second the other way
 * round. Methods are those of {@link TextMethods} and {@link CollectionMethods}, and there are no others; what begins
 * with an underscore is no attribute of anything.
 */
final class Lookup {
    private final Budget budget;
    private final TextMethods texts;
    private final CollectionMethods collections;

    Lookup(Budget budget, Operators operators) {
        this.budget = budget;
        this.texts = new TextMethods(budget, operators);
        this.collections = new CollectionMethods(operators);
    }

    /** {@code value.name}. */
    Value attribute(Value value, String name) {
        Operators.defined(value);
        return own(value, name).or(() -> item(value, new Text(name))).orElseGet(() -> missing(value, name));
    }

    /** {@code value[key]}. */
    Value item(Value value, Value key, boolean orAttribute) {
        Operators.defined(value);
        return item(value, key)
                .or(() -> orAttribute && key instanceof Text name ? own(value, name.string()) : Optional.empty())
                .orElseGet(() -> missing(value, Printed.str(key)));
    }

    private static Value missing(Value value, String name) {
        return new Undefined("'" + Printed.typeOf(value) + "' has no '" + name + "'");
    }

    /** An attribute in Python's sense, such as a method. */
    Optional<Value> own(Value value, String name) {
        if (name.startsWith("_")) {
            return Optional.empty();
        }
        return switch (value) {
            case Text t -> texts.of(t, name);
            case Items i -> collections.of(i, name);
            case Dict d -> collections.of(d, name);
            case Namespace n -> Optional.ofNullable(n.attributes().get(name));
            case Callable c -> c.attribute(name);
            case Real r -> name.equals("is_integer") ? Optional.of(isInteger(r)) : Optional.empty();
            case Int _, Bool _, None _, Undefined _, Generator _ -> Optional.empty();
        };
    }

    private static Value isInteger(Real real) {
        return new Function("is_integer", _ -> Value.of(real.number() == Math.rint(real.number())));
    }

    private Optional<Value> item(Value value, Value key) {
        return switch (value) {
            case Dict d -> isKey(key) ? Optional.ofNullable(d.entries().get(key)) : Optional.empty();
            case Text t -> Numbers.whole(key).flatMap(i -> character(t, i));
            case Items i -> hasNumbers(i) ? Numbers.whole(key).flatMap(n -> element(i.list(), n)) : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static boolean isKey(Value key) {
        return switch (key) {
            case Items i -> i.kind() == Kind.TUPLE && i.list().stream().allMatch(Lookup::isKey);
            case Dict _ -> false;
            default -> true;
        };
    }

    private static boolean hasNumbers(Items items) {
        return items.kind() == Kind.LIST || items.kind() == Kind.TUPLE || items.kind() == Kind.RANGE;
    }

    private static Optional<Value> element(List<Value> list, BigInteger index) {
        return position(index, list.size()).map(list::get);
    }

    private Optional<Value> character(Text text, BigInteger index) {
        String s = text.string();
        budget.step(s.length() / 64);
        return position(index, Characters.length(s)).map(i -> {
            int at = s.offsetByCodePoints(0, i);
            return text.with(Character.toString(s.codePointAt(at)));
        });
    }

    private static Optional<Integer> position(BigInteger index, int length) {
        BigInteger at = index.signum() < 0 ? index.add(BigInteger.valueOf(length)) : index;
        return at.signum() < 0 || at.compareTo(BigInteger.valueOf(length)) >= 0
                ? Optional.empty()
                : Optional.of(at.intValue());
    }

    /** {@code value[start:stop:step]}, where none stands for what is left out. */
    Value slice(Value value, Value start, Value stop, Value step) {
        Operators.defined(value);
        return switch (value) {
            case Text t -> {
                int[] points = t.string().codePoints().toArray();
                budget.grow(points.length);
                StringBuilder out = new StringBuilder();
                for (int i : indices(points.length, start, stop, step)) {
                    out.appendCodePoint(points[i]);
                }
                yield t.with(out.toString());
            }
            case Items items
            when hasNumbers(items) -> {
                List<Value> out = new ArrayList<>();
                budget.grow(items.list().size());
                for (int i : indices(items.list().size(), start, stop, step)) {
                    out.add(items.list().get(i));
                }
                yield new Items(items.kind() == Kind.RANGE ? Kind.LIST : items.kind(), out);
            }
            default -> throw new Refusal("'" + Printed.typeOf(value) + "' has no slices");
        };
    }

    private static int[] indices(int length, Value start, Value stop, Value step) {
        long by = step instanceof None ? 1 : clamped(step);
        if (by == 0) {
            throw new Refusal("a slice's step is 0");
        }
        long lowest = by > 0 ? 0 : -1;
        long highest = by > 0 ? length : length - 1L;
        long from = end(start, length, by > 0 ? lowest : highest, lowest, highest);
        long to = end(stop, length, by > 0 ? highest : lowest, lowest, highest);
        long count = Math.max(0, by > 0 ? (to - from + by - 1) / by : (from - to - by - 1) / -by);
        int[] indices = new int[(int) count];
        for (int i = 0; i < count; i++) {
            indices[i] = (int) (from + i * by);
        }
        return indices;
    }

    private static long end(Value given, int length, long otherwise, long lowest, long highest) {
        if (given instanceof None) {
            return otherwise;
        }
        long at = clamped(given);
        return Math.clamp(at < 0 ? at + length : at, lowest, highest);
    }

    private static long clamped(Value value) {
        BigInteger bound = BigInteger.valueOf(Integer.MAX_VALUE);
        return Numbers.integer(value).max(bound.negate()).min(bound).longValue();
    }

    /** What leads from a value to an attribute of its attribute, such as {@code function.name}. */
    UnaryOperator<Value> path(Value attribute) {
        return path(attribute, Value.NONE);
    }

    /** @param otherwise what stands for an attribute that is missing, or none */
    UnaryOperator<Value> path(Value attribute, Value otherwise) {
        List<Value> steps = attribute instanceof Text text
                ? Arrays.stream(text.string().split("\\.", -1))
                        .map(step -> step.matches("\\d{1,9}") ? Value.of(Long.parseLong(step)) : Value.of(step))
                        .toList()
                : List.of(attribute);
        return value -> {
            Value found = value;
            for (Value step : steps) {
                found = item(found, step, true);
                found = found instanceof Undefined && otherwise != Value.NONE ? otherwise : found;
            }
            return found;
        };
    }

    /** What elements are compared by: an attribute or themselves, texts without regard to case unless it matters. */
    UnaryOperator<Value> key(Optional<Value> attribute, boolean caseMatters) {
        UnaryOperator<Value> path = attribute.map(this::path).orElse(UnaryOperator.identity());
        return value -> caseMatters ? path.apply(value) : withoutCase(path.apply(value));
    }

    static Value withoutCase(Value value) {
        return value instanceof Text text ? text.with(Characters.lower(text.string())) : value;
    }
}
