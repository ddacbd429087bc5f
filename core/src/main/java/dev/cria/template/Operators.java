package dev.cria.template;

import dev.cria.template.Value.Dict;
import dev.cria.template.Value.Generator;
import dev.cria.template.Value.Items;
import dev.cria.template.Value.Kind;
import dev.cria.template.Value.Namespace;
import dev.cria.template.Value.None;
import dev.cria.template.Value.Numeric;
import dev.cria.template.Value.Text;
import dev.cria.template.Value.Undefined;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/** What Python's operators do with the values of a template. */
final class Operators {
    private final Budget budget;

    Operators(Budget budget) {
        this.budget = budget;
    }

    Budget budget() {
        return budget;
    }

    Value calculate(Operator operator, Value left, Value right) {
        defined(left);
        if (operator == Operator.REMAINDER && left instanceof Text format) {
            return grown(new Text(new PercentFormat(format.string(), right).formatted(), format.markup()));
        }
        defined(right);
        if (left instanceof Numeric a && right instanceof Numeric b) {
            // An integer may have thousands of digits.
            budget.step((Value.sizeOf(a) + Value.sizeOf(b)) >> 3);
            return Numbers.calculate(operator, a, b);
        }
        if (operator == Operator.ADD) {
            if (left instanceof Text a && right instanceof Text b) {
                return joined(a, b);
            }
            if (left instanceof Items a && right instanceof Items b && a.kind() == b.kind() && isList(a)) {
                return joined(a, b);
            }
        }
        if (operator == Operator.MULTIPLY) {
            Value repeated = left instanceof Numeric ? right : left;
            Value count = left instanceof Numeric ? left : right;
            if (Numbers.whole(count).isPresent()) {
                return repeated(repeated, Numbers.integer(count));
            }
        }
        throw new Refusal(
                "'" + Printed.typeOf(left) + "' " + operator.sign + " '" + Printed.typeOf(right) + "' is not possible");
    }

    private static boolean isList(Items items) {
        return items.kind() == Kind.LIST || items.kind() == Kind.TUPLE;
    }

    private Value joined(Text a, Text b) {
        boolean markup = a.markup() || b.markup();
        String left = markup && !a.markup() ? TextFilters.escaped(a.string()) : a.string();
        String right = markup && !b.markup() ? TextFilters.escaped(b.string()) : b.string();
        budget.grow((long) left.length() + right.length());
        return new Text(left + right, markup);
    }

    private Value joined(Items a, Items b) {
        budget.grow(Value.sizeOf(a) + Value.sizeOf(b));
        List<Value> both = new ArrayList<>(a.list());
        both.addAll(b.list());
        return new Items(a.kind(), both);
    }

    private Value repeated(Value value, BigInteger count) {
        long size = value instanceof Text t ? t.string().length() : Value.sizeOf(value);
        BigInteger times = count.max(BigInteger.ZERO);
        budget.grow(times.multiply(BigInteger.valueOf(size))
                .min(BigInteger.valueOf(Long.MAX_VALUE))
                .longValue());
        return switch (value) {
            case Text t -> t.with(t.string().repeat(times.intValue()));
            case Items i
            when isList(i) -> {
                List<Value> all = new ArrayList<>();
                Collections.nCopies(times.intValue(), i.list()).forEach(all::addAll);
                yield new Items(i.kind(), all);
            }
            default -> throw new Refusal("'" + Printed.typeOf(value) + "' cannot be repeated");
        };
    }

    /** Counts the room of something new. */
    Value grown(Value value) {
        budget.grow(Value.sizeOf(value));
        return value;
    }

    static Value defined(Value value) {
        if (value instanceof Undefined undefined) {
            throw new Refusal(undefined.why());
        }
        return value;
    }

    boolean equal(Value left, Value right) {
        budget.step(Math.min(Value.sizeOf(left), Value.sizeOf(right)) >> 5);
        return left.equals(right);
    }

    /** Python's order of two numbers, texts, lists or tuples; others have none. */
    int compare(Value left, Value right) {
        defined(left);
        defined(right);
        budget.step(Math.min(Value.sizeOf(left), Value.sizeOf(right)) >> 5);
        if (left instanceof Numeric a && right instanceof Numeric b) {
            return compare(a, b);
        }
        if (left instanceof Text a && right instanceof Text b) {
            return compare(a.string(), b.string());
        }
        if (left instanceof Items a && right instanceof Items b && a.kind() == b.kind() && isList(a)) {
            for (int i = 0; i < Math.min(a.list().size(), b.list().size()); i++) {
                if (!a.list().get(i).equals(b.list().get(i))) {
                    return compare(a.list().get(i), b.list().get(i));
                }
            }
            return Integer.compare(a.list().size(), b.list().size());
        }
        throw new Refusal("'" + Printed.typeOf(left) + "' and '" + Printed.typeOf(right) + "' have no order");
    }

    private static int compare(Numeric a, Numeric b) {
        if (Numbers.whole(a).isPresent() && Numbers.whole(b).isPresent()) {
            return Numbers.integer(a).compareTo(Numbers.integer(b));
        }
        boolean reals = a instanceof Value.Real && b instanceof Value.Real;
        if (!reals && Double.isFinite(a.real()) && Double.isFinite(b.real())) {
            return exact(a).compareTo(exact(b));
        }
        return a.real() < b.real() ? -1 : a.real() > b.real() ? 1 : 0;
    }

    private static BigDecimal exact(Numeric number) {
        return Numbers.whole(number).map(BigDecimal::new).orElseGet(() -> new BigDecimal(number.real()));
    }

    /** By code points, where Java's own order is by halves of surrogate pairs. */
    private static int compare(String a, String b) {
        int i = 0;
        int end = Math.min(a.length(), b.length());
        while (i < end && a.charAt(i) == b.charAt(i)) {
            i++;
        }
        return i == end ? Integer.compare(a.length(), b.length()) : Integer.compare(a.codePointAt(i), b.codePointAt(i));
    }

    /** Python's {@code item in container}. */
    boolean contains(Value container, Value item) {
        return switch (container) {
            case Text t -> {
                if (!(item instanceof Text sought)) {
                    throw new Refusal("'in' of a str needs a str on its left, not " + Printed.typeOf(item));
                }
                budget.search(t.string().length(), sought.string().length());
                yield t.string().contains(sought.string());
            }
            case Dict d -> d.entries().containsKey(key(item));
            default -> {
                for (Iterator<Value> all = iterate(container); all.hasNext(); ) {
                    if (equal(all.next(), item)) {
                        yield true;
                    }
                }
                yield false;
            }
        };
    }

    /** The value as a key of a map, which no list or map can be. */
    Value key(Value value) {
        budget.step(Value.sizeOf(value) >> 6);
        if (value instanceof Items items && items.kind() == Kind.TUPLE) {
            items.list().forEach(this::key);
        } else if (value instanceof Items || value instanceof Dict) {
            throw new Refusal("unhashable type: '" + Printed.typeOf(value) + "'");
        }
        return value;
    }

    /** The elements of what has any: characters, items, keys. */
    Iterator<Value> iterate(Value value) {
        return switch (value) {
            case Items i -> i.list().iterator();
            case Dict d -> d.entries().keySet().iterator();
            case Generator g -> g.elements();
            case Undefined _ -> Collections.emptyIterator();
            case Text t -> {
                budget.grow(t.string().length());
                yield t.string()
                        .codePoints()
                        .<Value>mapToObj(c -> new Text(Character.toString(c)))
                        .iterator();
            }
            case Numeric _, None _, Namespace _, Value.Callable _ ->
                throw new Refusal("'" + Printed.typeOf(value) + "' has no elements to go through");
        };
    }

    /** A value as a text. */
    String printed(Value value) {
        String text = Printed.str(value);
        budget.step(text.length() >> 5);
        return text;
    }

    /** The elements as a list. */
    List<Value> elements(Value value) {
        if (value instanceof Items items) {
            budget.step(Value.sizeOf(items) >> 6);
            return items.list();
        }
        List<Value> all = new ArrayList<>();
        for (Iterator<Value> each = iterate(value); each.hasNext(); ) {
            budget.grow(Budget.ELEMENT);
            all.add(each.next());
        }
        return all;
    }

    /** Python's {@code len(value)}. */
    int length(Value value) {
        return switch (value) {
            case Text t -> Characters.length(printed(t));
            case Items i -> i.list().size();
            case Dict d -> d.entries().size();
            case Undefined _ -> 0;
            case Loop loop -> loop.length();
            default -> throw new Refusal("'" + Printed.typeOf(value) + "' has no length");
        };
    }
}
