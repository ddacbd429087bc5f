package dev.cria.template;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What has a value. Each knows its line. */
sealed interface Expression {
    int line();

    record Constant(Value value, int line) implements Expression {}

    record Name(String name, int line) implements Expression {}

    record ListOf(Value.Kind kind, List<Expression> elements, int line) implements Expression {}

    record DictOf(List<Map.Entry<Expression, Expression>> entries, int line) implements Expression {}

    /** {@code target.name}. */
    record Attribute(Expression target, String name, int line) implements Expression {}

    /** {@code target[key]}. */
    record Item(Expression target, Expression key, int line) implements Expression {}

    /** {@code target[start:stop:step]}. */
    record Slice(
            Expression target,
            Optional<Expression> start,
            Optional<Expression> stop,
            Optional<Expression> step,
            int line)
            implements Expression {}

    /** What a call is given: {@code (a, name=b, *more, **named)}. */
    record Given(
            List<Expression> positional,
            Map<String, Expression> named,
            Optional<Expression> more,
            Optional<Expression> moreNamed) {
        static final Given NOTHING = new Given(List.of(), Map.of(), Optional.empty(), Optional.empty());
    }

    record Call(Expression target, Given given, int line) implements Expression {}

    record Filter(Expression target, Filtering filtering, int line) implements Expression {}

    /** A filter and what it is given beside the value. */
    record Filtering(String name, Given given, int line) {}

    record Test(Expression target, String name, Given given, int line) implements Expression {}

    record Not(Expression operand, int line) implements Expression {}

    /** {@code -operand} or {@code +operand}. */
    record Signed(boolean negative, Expression operand, int line) implements Expression {}

    record Arithmetic(Operator operator, Expression left, Expression right, int line) implements Expression {}

    /** {@code a ~ b ~ c}. */
    record Joined(List<Expression> parts, int line) implements Expression {}

    /** {@code a < b <= c}, which holds if each neighbouring pair does. */
    record Comparison(Expression first, List<Compared> others, int line) implements Expression {}

    /** A sign of comparison and what stands on its right. */
    record Compared(String sign, Expression operand) {}

    /** {@code left and right}, or {@code left or right}; the value is that of the operand that decides. */
    record Logical(boolean and, Expression left, Expression right, int line) implements Expression {}

    /** {@code then if test else otherwise}. */
    record Conditional(Expression test, Expression then, Optional<Expression> otherwise, int line)
            implements Expression {}
}
