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
import dev.cria.template.Token.Type;
import dev.cria.template.Value.Int;
import dev.cria.template.Value.Kind;
import dev.cria.template.Value.Real;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Parses expressions by recursive descent, one method a level of precedence, from {@code if} and {@code or} down to
 * names and literals.
 *
 * @see "Jinja 2, parser.py"
 */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

    private final Tokens tokens;

    ExpressionParser(Tokens tokens) {
        this.tokens = tokens;
    }

    Expression expression() {
        tokens.enter();
        int line = tokens.line();
        Expression value = or();
        while (tokens.skipName("if")) {
            Expression test = or();
            Optional<Expression> otherwise = tokens.skipName("else") ? Optional.of(expression()) : Optional.empty();
            value = new Conditional(test, value, otherwise, line);
        }
        tokens.leave();
        return value;
    }

    /**
     * One expression, or several with commas, which are a tuple.
     *
     * @param conditional whether {@code a if b else c} may stand there
     * @param end the name that ends it beside the end of the tag, or none
     */
    Expression tuple(boolean conditional, String end) {
        int line = tokens.line();
        List<Expression> elements = new ArrayList<>();
        boolean commas = false;
        while (!ends(end)) {
            elements.add(conditional ? expression() : or());
            if (!tokens.skipOperator(",")) {
                break;
            }
            commas = true;
        }
        if (elements.isEmpty()) {
            throw tokens.failed(
                    "expected an expression, not " + tokens.current().described());
        }
        return commas ? new ListOf(Kind.TUPLE, elements, line) : elements.getFirst();
    }

    boolean ends(String name) {
        Token token = tokens.current();
        return token.is(Type.PRINT_END)
                || token.is(Type.BLOCK_END)
                || token.isOperator(")")
                || !name.isEmpty() && token.isName(name);
    }

    Expression or() {
        Expression left = and();
        while (tokens.current().isName("or")) {
            int line = tokens.next().line();
            left = new Logical(false, left, and(), line);
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.current().isName("and")) {
            int line = tokens.next().line();
            left = new Logical(true, left, not(), line);
        }
        return left;
    }

    private Expression not() {
        if (!tokens.current().isName("not")) {
            return comparison();
        }
        tokens.enter();
        int line = tokens.next().line();
        Expression negated = new Not(not(), line);
        tokens.leave();
        return negated;
    }

    private Expression comparison() {
        int line = tokens.line();
        Expression first = sum();
        List<Compared> others = new ArrayList<>();
        while (true) {
            Token token = tokens.current();
            if (token.is(Type.OPERATOR) && COMPARISONS.contains(token.text())) {
                tokens.next();
                others.add(new Compared(token.text(), sum()));
            } else if (tokens.skipName("in")) {
                others.add(new Compared("in", sum()));
            } else if (token.isName("not") && tokens.following().isName("in")) {
                tokens.next();
                tokens.next();
                others.add(new Compared("not in", sum()));
            } else {
                return others.isEmpty() ? first : new Comparison(first, others, line);
            }
        }
    }

    private Expression sum() {
        Expression left = joined();
        while (tokens.current().isOperator("+") || tokens.current().isOperator("-")) {
            Token sign = tokens.next();
            left = arithmetic(sign, left, joined());
        }
        return left;
    }

    private static Expression arithmetic(Token sign, Expression left, Expression right) {
        for (Operator operator : Operator.values()) {
            if (operator.sign.equals(sign.text())) {
                return new Arithmetic(operator, left, right, sign.line());
            }
        }
        throw Tokens.failed("unknown operator " + sign.described(), sign.line());
    }

    private Expression joined() {
        int line = tokens.line();
        List<Expression> parts = new ArrayList<>(List.of(product()));
        while (tokens.skipOperator("~")) {
            parts.add(product());
        }
        return parts.size() == 1 ? parts.getFirst() : new Joined(parts, line);
    }

    private Expression product() {
        Expression left = power();
        while (tokens.current().isOperator("*")
                || tokens.current().isOperator("/")
                || tokens.current().isOperator("//")
                || tokens.current().isOperator("%")) {
            Token sign = tokens.next();
            left = arithmetic(sign, left, power());
        }
        return left;
    }

    /** From left to right, other than in Python. */
    private Expression power() {
        Expression left = signed(true);
        while (tokens.current().isOperator("**")) {
            Token sign = tokens.next();
            left = arithmetic(sign, left, signed(true));
        }
        return left;
    }

    private Expression signed(boolean filtered) {
        Token token = tokens.current();
        Expression value;
        if (token.isOperator("-") || token.isOperator("+")) {
            tokens.enter();
            tokens.next();
            value = new Signed(token.isOperator("-"), signed(false), token.line());
            tokens.leave();
        } else {
            value = primary();
        }
        value = postfix(value);
        return filtered ? filters(value) : value;
    }

    Expression primary() {
        Token token = tokens.current();
        return switch (token.type()) {
            case NAME -> name(tokens.next());
            case STRING -> strings();
            case INTEGER -> new Constant(integer(tokens.next()), token.line());
            case FLOAT ->
                new Constant(new Real(Double.parseDouble(tokens.next().text().replace("_", ""))), token.line());
            case OPERATOR -> bracketed(token);
            case DATA, PRINT_BEGIN, PRINT_END, BLOCK_BEGIN, BLOCK_END, END ->
                throw tokens.failed("expected an expression, not " + token.described());
        };
    }

    private static Expression name(Token token) {
        return switch (token.text()) {
            case "true", "True" -> new Constant(Value.TRUE, token.line());
            case "false", "False" -> new Constant(Value.FALSE, token.line());
            case "none", "None" -> new Constant(Value.NONE, token.line());
            default -> new Name(token.text(), token.line());
        };
    }

    private Expression strings() {
        int line = tokens.line();
        StringBuilder text = new StringBuilder();
        while (tokens.current().is(Type.STRING)) {
            text.append(tokens.next().text());
        }
        return new Constant(Value.of(text.toString()), line);
    }

    private static Int integer(Token token) {
        String digits = token.text().replace("_", "");
        int radix = digits.length() < 2
                ? 10
                : switch (Character.toLowerCase(digits.charAt(1))) {
                    case 'x' -> 16;
                    case 'o' -> 8;
                    case 'b' -> 2;
                    default -> 10;
                };
        if (digits.length() > 4300) {
            throw Tokens.failed("an integer of " + digits.length() + " digits", token.line());
        }
        return new Int(new BigInteger(radix == 10 ? digits : digits.substring(2), radix));
    }

    private Expression bracketed(Token token) {
        return switch (token.text()) {
            case "(" -> parenthesis();
            case "[" -> list();
            case "{" -> dict();
            default -> throw tokens.failed("unexpected " + token.described());
        };
    }

    private Expression parenthesis() {
        int line = tokens.next().line();
        Expression value = tokens.current().isOperator(")") ? new ListOf(Kind.TUPLE, List.of(), line) : tuple(true, "");
        tokens.expectOperator(")");
        return value;
    }

    private Expression list() {
        int line = tokens.next().line();
        List<Expression> elements = new ArrayList<>();
        while (!tokens.current().isOperator("]")) {
            elements.add(expression());
            if (!tokens.skipOperator(",")) {
                break;
            }
        }
        tokens.expectOperator("]");
        return new ListOf(Kind.LIST, elements, line);
    }

    private Expression dict() {
        int line = tokens.next().line();
        List<Map.Entry<Expression, Expression>> entries = new ArrayList<>();
        while (!tokens.current().isOperator("}")) {
            Expression key = expression();
            tokens.expectOperator(":");
            entries.add(Map.entry(key, expression()));
            if (!tokens.skipOperator(",")) {
                break;
            }
        }
        tokens.expectOperator("}");
        return new DictOf(entries, line);
    }

    private Expression postfix(Expression target) {
        Expression value = target;
        while (true) {
            Token token = tokens.current();
            if (token.isOperator(".")) {
                value = member(value);
            } else if (token.isOperator("[")) {
                value = subscript(value);
            } else if (token.isOperator("(")) {
                value = new Call(value, given(), token.line());
            } else {
                return value;
            }
        }
    }

    private Expression member(Expression target) {
        int line = tokens.next().line();
        Token name = tokens.next();
        return switch (name.type()) {
            case NAME -> new Attribute(target, name.text(), line);
            case INTEGER -> new Item(target, new Constant(integer(name), line), line);
            default -> throw Tokens.failed("expected a name after '.', not " + name.described(), name.line());
        };
    }

    private Expression subscript(Expression target) {
        int line = tokens.next().line();
        Optional<Expression> start = part();
        if (!tokens.skipOperator(":")) {
            Expression key = start.orElseThrow(() -> tokens.failed("expected a key between '[' and ']'"));
            if (tokens.current().isOperator(",")) {
                key = keys(key);
            }
            tokens.expectOperator("]");
            return new Item(target, key, line);
        }
        Optional<Expression> stop = part();
        Optional<Expression> step = tokens.skipOperator(":") ? part() : Optional.empty();
        tokens.expectOperator("]");
        return new Slice(target, start, stop, step, line);
    }

    private Expression keys(Expression first) {
        List<Expression> keys = new ArrayList<>(List.of(first));
        while (tokens.skipOperator(",")) {
            keys.add(expression());
        }
        return new ListOf(Kind.TUPLE, keys, first.line());
    }

    private Optional<Expression> part() {
        boolean none = tokens.current().isOperator(":") || tokens.current().isOperator("]");
        return none ? Optional.empty() : Optional.of(expression());
    }

    Given given() {
        tokens.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        Optional<Expression> more = Optional.empty();
        Optional<Expression> moreNamed = Optional.empty();
        while (!tokens.current().isOperator(")")) {
            if (tokens.skipOperator("**")) {
                moreNamed = Optional.of(expression());
            } else if (tokens.skipOperator("*")) {
                more = Optional.of(expression());
            } else if (tokens.current().is(Type.NAME) && tokens.following().isOperator("=")) {
                String name = tokens.next().text();
                tokens.next();
                named.put(name, expression());
            } else if (named.isEmpty() && more.isEmpty() && moreNamed.isEmpty()) {
                positional.add(expression());
            } else {
                throw tokens.failed("a value without name after one with a name");
            }
            if (!tokens.skipOperator(",")) {
                break;
            }
        }
        tokens.expectOperator(")");
        return new Given(positional, named, more, moreNamed);
    }

    private Expression filters(Expression target) {
        Expression value = target;
        while (true) {
            Token token = tokens.current();
            if (tokens.skipOperator("|")) {
                value = new Filter(value, filtering(), token.line());
            } else if (token.isName("is")) {
                value = test(value);
            } else if (token.isOperator("(")) {
                value = new Call(value, given(), token.line());
            } else {
                return value;
            }
        }
    }

    /** A filter's name and arguments, after the bar. */
    Filtering filtering() {
        int line = tokens.line();
        String name = dotted("the name of a filter");
        return new Filtering(name, tokens.current().isOperator("(") ? given() : Given.NOTHING, line);
    }

    private String dotted(String what) {
        StringBuilder name = new StringBuilder(tokens.expect(Type.NAME, what).text());
        while (tokens.skipOperator(".")) {
            name.append('.').append(tokens.expect(Type.NAME, what).text());
        }
        return name.toString();
    }

    private Expression test(Expression target) {
        int line = tokens.next().line();
        boolean negated = tokens.skipName("not");
        String name = dotted("the name of a test");
        Given given = Given.NOTHING;
        Token token = tokens.current();
        if (token.isOperator("(")) {
            given = given();
        } else if (beginsArgument(token)) {
            if (token.isName("is")) {
                throw tokens.failed("tests cannot be chained with 'is'");
            }
            given = new Given(List.of(postfix(primary())), Map.of(), Optional.empty(), Optional.empty());
        }
        Expression test = new Test(target, name, given, line);
        return negated ? new Not(test, line) : test;
    }

    private static boolean beginsArgument(Token token) {
        return switch (token.type()) {
            case STRING, INTEGER, FLOAT -> true;
            case NAME -> !Set.of("else", "or", "and").contains(token.text());
            case OPERATOR -> token.isOperator("[") || token.isOperator("{");
            default -> false;
        };
    }
}
