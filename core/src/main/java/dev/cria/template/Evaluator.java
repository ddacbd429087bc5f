package dev.cria.template;

import dev.cria.template.Expression.Arithmetic;
import dev.cria.template.Expression.Attribute;
import dev.cria.template.Expression.Call;
import dev.cria.template.Expression.Compared;
import dev.cria.template.Expression.Comparison;
import dev.cria.template.Expression.Conditional;
import dev.cria.template.Expression.Constant;
import dev.cria.template.Expression.DictOf;
import dev.cria.template.Expression.Filter;
import dev.cria.template.Expression.Filtering;
import dev.cria.template.Expression.Given;
import dev.cria.template.Expression.Item;
import dev.cria.template.Expression.Joined;
import dev.cria.template.Expression.ListOf;
import dev.cria.template.Expression.Logical;
import dev.cria.template.Expression.Name;
import dev.cria.template.Expression.Not;
import dev.cria.template.Expression.Signed;
import dev.cria.template.Expression.Slice;
import dev.cria.template.Expression.Test;
import dev.cria.template.Value.Callable;
import dev.cria.template.Value.Dict;
import dev.cria.template.Value.Items;
import dev.cria.template.Value.Numeric;
import dev.cria.template.Value.Undefined;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the values of expressions, and remembers the line that it is at. */
final class Evaluator {
    private final Budget budget;
    private final Operators operators;
    private final Lookup lookup;
    private final Tests tests;
    private final Filters filters;
    private final Globals globals;
    private int line = 1;

    Evaluator(Budget budget, Clock clock) {
        this.budget = budget;
        this.operators = new Operators(budget);
        this.lookup = new Lookup(budget, operators);
        this.tests = new Tests(operators);
        this.filters = new Filters(budget, operators, lookup, tests);
        this.globals = new Globals(operators, clock);
    }

    int line() {
        return line;
    }

    void at(int place) {
        line = place;
    }

    Operators operators() {
        return operators;
    }

    Value value(Expression expression, Scope scope) {
        budget.enter();
        line = expression.line();
        Value value =
                switch (expression) {
                    case Constant c -> c.value();
                    case Name n -> name(n.name(), scope);
                    case ListOf l -> operators.grown(new Items(l.kind(), values(l.elements(), scope)));
                    case DictOf d -> dict(d, scope);
                    case Attribute a -> attribute(a, scope);
                    case Item i -> item(i, scope);
                    case Slice s -> slice(s, scope);
                    case Call c -> call(c, scope, Optional.empty());
                    case Filter f -> filter(f.filtering(), value(f.target(), scope), scope);
                    case Test t -> Value.of(test(t, scope));
                    case Not n -> Value.of(!truth(n.operand(), scope));
                    case Signed s -> signed(s, scope);
                    case Arithmetic a -> arithmetic(a, scope);
                    case Joined j -> joined(j, scope);
                    case Comparison c -> Value.of(comparison(c, scope));
                    case Logical l -> logical(l, scope);
                    case Conditional c -> conditional(c, scope);
                };
        budget.leave();
        return value;
    }

    boolean truth(Expression expression, Scope scope) {
        return Printed.truth(value(expression, scope));
    }

    private Value name(String name, Scope scope) {
        return scope.get(name).or(() -> globals.get(name)).orElseGet(() -> Undefined.name(name));
    }

    private List<Value> values(List<Expression> expressions, Scope scope) {
        List<Value> values = new ArrayList<>(expressions.size());
        for (Expression expression : expressions) {
            values.add(value(expression, scope));
        }
        return values;
    }

    private Value dict(DictOf dict, Scope scope) {
        Map<Value, Value> entries = new LinkedHashMap<>();
        for (Map.Entry<Expression, Expression> entry : dict.entries()) {
            entries.put(operators.key(value(entry.getKey(), scope)), value(entry.getValue(), scope));
        }
        return operators.grown(new Dict(entries));
    }

    private Value attribute(Attribute attribute, Scope scope) {
        Value target = value(attribute.target(), scope);
        line = attribute.line();
        return lookup.attribute(target, attribute.name());
    }

    private Value item(Item item, Scope scope) {
        Value target = value(item.target(), scope);
        Value key = value(item.key(), scope);
        line = item.line();
        return lookup.item(target, key, true);
    }

    private Value slice(Slice slice, Scope scope) {
        Value target = value(slice.target(), scope);
        Value start = slice.start().map(e -> value(e, scope)).orElse(Value.NONE);
        Value stop = slice.stop().map(e -> value(e, scope)).orElse(Value.NONE);
        Value step = slice.step().map(e -> value(e, scope)).orElse(Value.NONE);
        line = slice.line();
        return lookup.slice(target, start, stop, step);
    }

    /** @param caller what a call block hands to the macro */
    Value call(Call call, Scope scope, Optional<Value> caller) {
        Value target = value(call.target(), scope);
        Arguments given = arguments(List.of(), call.given(), scope);
        caller.ifPresent(c -> given.named().put("caller", c));
        line = call.line();
        if (target instanceof Callable callable) {
            return callable.call(given);
        }
        throw new Refusal(
                target instanceof Undefined undefined
                        ? undefined.why()
                        : "'" + Printed.typeOf(target) + "' cannot be called");
    }

    private Arguments arguments(List<Value> first, Given given, Scope scope) {
        List<Value> positional = new ArrayList<>(first);
        positional.addAll(values(given.positional(), scope));
        Map<String, Value> named = new LinkedHashMap<>();
        given.named().forEach((name, expression) -> named.put(name, value(expression, scope)));
        given.more().ifPresent(e -> positional.addAll(operators.elements(value(e, scope))));
        given.moreNamed().ifPresent(e -> {
            if (!(value(e, scope) instanceof Dict dict)) {
                throw new Refusal("'**' needs a map");
            }
            dict.entries().forEach((key, value) -> named.put(Printed.str(key), value));
        });
        return new Arguments(positional, named);
    }

    Value filter(Filtering filtering, Value value, Scope scope) {
        Arguments arguments = arguments(List.of(value), filtering.given(), scope);
        line = filtering.line();
        return filters.apply(filtering.name(), arguments);
    }

    private boolean test(Test test, Scope scope) {
        if (test.name().equals("filter") || test.name().equals("test")) {
            String name = Printed.str(value(test.target(), scope));
            return test.name().equals("filter") ? filters.has(name) : tests.has(name);
        }
        Arguments arguments = arguments(List.of(value(test.target(), scope)), test.given(), scope);
        line = test.line();
        return tests.holds(test.name(), arguments);
    }

    private Value signed(Signed signed, Scope scope) {
        Value value = value(signed.operand(), scope);
        line = signed.line();
        if (!(Operators.defined(value) instanceof Numeric number)) {
            throw new Refusal("'" + Printed.typeOf(value) + "' has no sign");
        }
        return signed.negative()
                ? Numbers.negated(number)
                : Numbers.whole(number).<Value>map(Value.Int::new).orElse(number);
    }

    private Value arithmetic(Arithmetic arithmetic, Scope scope) {
        Value left = value(arithmetic.left(), scope);
        Value right = value(arithmetic.right(), scope);
        line = arithmetic.line();
        return operators.calculate(arithmetic.operator(), left, right);
    }

    private Value joined(Joined joined, Scope scope) {
        StringBuilder text = new StringBuilder();
        for (Expression part : joined.parts()) {
            String piece = Printed.str(value(part, scope));
            budget.grow(piece.length());
            text.append(piece);
        }
        if (text.length() > Budget.LARGEST) {
            budget.grow(text.length());
        }
        return Value.of(text.toString());
    }

    private boolean comparison(Comparison comparison, Scope scope) {
        Value left = value(comparison.first(), scope);
        for (Compared compared : comparison.others()) {
            Value right = value(compared.operand(), scope);
            line = comparison.line();
            if (!holds(compared.sign(), left, right)) {
                return false;
            }
            left = right;
        }
        return true;
    }

    private boolean holds(String sign, Value left, Value right) {
        return switch (sign) {
            case "==" -> operators.equal(left, right);
            case "!=" -> !operators.equal(left, right);
            case "in" -> operators.contains(right, left);
            case "not in" -> !operators.contains(right, left);
            case "<" -> operators.compare(left, right) < 0;
            case "<=" -> operators.compare(left, right) <= 0;
            case ">" -> operators.compare(left, right) > 0;
            default -> operators.compare(left, right) >= 0;
        };
    }

    private Value logical(Logical logical, Scope scope) {
        Value left = value(logical.left(), scope);
        return Printed.truth(left) == logical.and() ? value(logical.right(), scope) : left;
    }

    private Value conditional(Conditional conditional, Scope scope) {
        if (truth(conditional.test(), scope)) {
            return value(conditional.then(), scope);
        }
        return conditional
                .otherwise()
                .map(e -> value(e, scope))
                .orElseGet(() -> new Undefined("the inline if-expression has no else"));
    }
}
