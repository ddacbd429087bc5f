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
import dev.cria.template.Value.Numeric;
import dev.cria.template.Value.Real;
import dev.cria.template.Value.Text;
import dev.cria.template.Value.Undefined;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/** Jinja's tests by name: what stands behind {@code is}. */
final class Tests {
    private final Operators operators;
    private final Map<String, Predicate<Arguments>> tests = new HashMap<>();

    Tests(Operators operators) {
        this.operators = operators;
        types();
        numbers();
        orders();
        test("lower", v -> TextMethods.isLower(looked(v)));
        test("upper", v -> TextMethods.isUpper(looked(v)));
        tests.put("in", a -> operators.contains(second("in", a), first("in", a)));
        tests.put("sameas", a -> same(first("sameas", a), second("sameas", a)));
    }

    /** A text whose characters are looked at one by one. */
    private String looked(Value value) {
        String text = operators.printed(value);
        operators.budget().step(text.length() / 4);
        return text;
    }

    boolean has(String name) {
        return tests.containsKey(name);
    }

    /** @param arguments the tested value first */
    boolean holds(String name, Arguments arguments) {
        Predicate<Arguments> test = tests.get(name);
        if (test == null) {
            throw new Refusal("no test named '" + name + "'");
        }
        return test.test(arguments);
    }

    private void test(String name, Predicate<Value> test) {
        tests.put(name, a -> test.test(a.bind(name, "value").value(0)));
    }

    private static Value first(String name, Arguments arguments) {
        return arguments.bind(name, "value", "other").value(0);
    }

    private static Value second(String name, Arguments arguments) {
        return arguments.bind(name, "value", "other").value(1);
    }

    private void types() {
        test("defined", v -> !(v instanceof Undefined));
        test("undefined", Undefined.class::isInstance);
        test("none", None.class::isInstance);
        test("boolean", Bool.class::isInstance);
        tests.put("true", a -> a.bind("true", "value").value(0) instanceof Bool b && b.holds());
        tests.put("false", a -> a.bind("false", "value").value(0) instanceof Bool b && !b.holds());
        test("integer", Int.class::isInstance);
        test("float", Real.class::isInstance);
        test("number", Numeric.class::isInstance);
        test("string", Text.class::isInstance);
        test("mapping", Dict.class::isInstance);
        test("callable", v -> v instanceof Callable || v instanceof Undefined);
        test("escaped", v -> v instanceof Text t && t.markup());
        test("sequence", v -> switch (v) {
            case Text _, Dict _, Undefined _ -> true;
            case Items i -> i.kind() == Kind.LIST || i.kind() == Kind.TUPLE || i.kind() == Kind.RANGE;
            default -> false;
        });
        test("iterable", v -> switch (v) {
            case Text _, Items _, Dict _, Generator _, Undefined _, Loop _ -> true;
            case Numeric _, None _, Namespace _, Callable _ -> false;
        });
    }

    private void numbers() {
        test("odd", v -> remainder(v, Value.of(2)).equals(Value.of(1)));
        test("even", v -> remainder(v, Value.of(2)).equals(Value.of(0)));
        tests.put("divisibleby", a -> remainder(
                        a.bind("divisibleby", "value", "num").value(0),
                        a.bind("divisibleby", "value", "num").value(1))
                .equals(Value.of(0)));
    }

    private Value remainder(Value value, Value divisor) {
        return operators.calculate(Operator.REMAINDER, value, divisor);
    }

    private void orders() {
        for (String name : List.of("eq", "equalto", "==")) {
            tests.put(name, a -> operators.equal(first(name, a), second(name, a)));
        }
        for (String name : List.of("ne", "!=")) {
            tests.put(name, a -> !operators.equal(first(name, a), second(name, a)));
        }
        order(List.of("gt", "greaterthan", ">"), c -> c > 0);
        order(List.of("ge", ">="), c -> c >= 0);
        order(List.of("lt", "lessthan", "<"), c -> c < 0);
        order(List.of("le", "<="), c -> c <= 0);
    }

    private void order(List<String> names, IntPredicate holds) {
        names.forEach(name -> tests.put(name, a -> holds.test(operators.compare(first(name, a), second(name, a)))));
    }

    private static boolean same(Value a, Value b) {
        boolean scalar = a instanceof Text || a instanceof Numeric || a instanceof None;
        return scalar ? a.getClass() == b.getClass() && a.equals(b) : a == b;
    }
}
