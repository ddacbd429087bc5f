package dev.cria.template;

import dev.cria.template.Expression.Call;
import dev.cria.template.Expression.Filtering;
import dev.cria.template.Statement.Binding;
import dev.cria.template.Statement.Branch;
import dev.cria.template.Statement.Break;
import dev.cria.template.Statement.CallBlock;
import dev.cria.template.Statement.Continue;
import dev.cria.template.Statement.Data;
import dev.cria.template.Statement.FilterBlock;
import dev.cria.template.Statement.For;
import dev.cria.template.Statement.Generation;
import dev.cria.template.Statement.If;
import dev.cria.template.Statement.Macro;
import dev.cria.template.Statement.Print;
import dev.cria.template.Statement.Set;
import dev.cria.template.Statement.SetBlock;
import dev.cria.template.Statement.Signature;
import dev.cria.template.Statement.Target;
import dev.cria.template.Statement.With;
import dev.cria.template.Token.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Parses a template's statements. */
final class StatementParser {
    private final Tokens tokens;
    private final ExpressionParser expressions;
    private int loops;

    private StatementParser(String template) {
        this.tokens = new Tokens(Lexer.tokens(template));
        this.expressions = new ExpressionParser(tokens);
    }

    static List<Statement> parse(String template) {
        StatementParser parser = new StatementParser(template);
        List<Statement> body = parser.body(List.of());
        parser.tokens.expect(Type.END, "the end of the template");
        return body;
    }

    /** Statements up to one of the tags, which is the next token, or to the end of the template. */
    private List<Statement> body(List<String> ends) {
        List<Statement> body = new ArrayList<>();
        while (!tokens.current().is(Type.END)) {
            Token token = tokens.next();
            switch (token.type()) {
                case DATA -> body.add(new Data(token.text(), token.line()));
                case PRINT_BEGIN -> {
                    body.add(new Print(expressions.tuple(true, ""), token.line()));
                    tokens.expect(Type.PRINT_END, "'}}'");
                }
                default -> {
                    if (ends.contains(tokens.current().text())
                            && tokens.current().is(Type.NAME)) {
                        return body;
                    }
                    body.addAll(tag());
                    tokens.expect(Type.BLOCK_END, "'%}'");
                }
            }
        }
        return body;
    }

    /** The body after a tag's head, and the tag at its end. */
    private List<Statement> block(int line, String... ends) {
        tokens.enter();
        tokens.skipOperator(":");
        tokens.expect(Type.BLOCK_END, "'%}'");
        List<Statement> body = body(List.of(ends));
        if (tokens.current().is(Type.END)) {
            throw Tokens.failed("a block has no '" + ends[ends.length - 1] + "'", line);
        }
        tokens.leave();
        return body;
    }

    /** The same for a body that no {@code break} can leave, as in the reference. */
    private List<Statement> closed(int line, String end) {
        int outer = loops;
        loops = 0;
        List<Statement> body = block(line, end);
        loops = outer;
        tokens.next();
        return body;
    }

    private List<? extends Statement> tag() {
        Token tag = tokens.expect(Type.NAME, "the name of a tag");
        int line = tag.line();
        return switch (tag.text()) {
            case "for" -> List.of(loop(line));
            case "if" -> List.of(branches(line));
            case "set" -> List.of(set(line));
            case "print" -> prints();
            case "macro" -> List.of(macro(line));
            case "call" -> List.of(call(line));
            case "filter" -> List.of(new FilterBlock(blockFilters(), closed(line, "endfilter"), line));
            case "with" -> List.of(with(line));
            case "generation" -> List.of(new Generation(closed(line, "endgeneration"), line));
            case "break" -> List.of(withinLoop(new Break(line), "break"));
            case "continue" -> List.of(withinLoop(new Continue(line), "continue"));
            case "block", "extends", "include", "import", "from", "autoescape" ->
                throw Tokens.failed("tag '" + tag.text() + "' is not supported in a chat template", line);
            default -> throw Tokens.failed("unknown tag " + tag.described(), line);
        };
    }

    private Statement withinLoop(Statement statement, String name) {
        if (loops == 0) {
            throw Tokens.failed("'" + name + "' outside of a loop", statement.line());
        }
        return statement;
    }

    private List<Statement> prints() {
        List<Statement> prints = new ArrayList<>();
        while (!tokens.current().is(Type.BLOCK_END)) {
            prints.add(new Print(expressions.expression(), tokens.line()));
            if (!tokens.skipOperator(",")) {
                break;
            }
        }
        return prints;
    }

    private For loop(int line) {
        Target target = target("in");
        tokens.expectName("in");
        Expression elements = expressions.tuple(false, "recursive");
        Optional<Expression> filter = tokens.skipName("if") ? Optional.of(expressions.expression()) : Optional.empty();
        boolean recursive = tokens.skipName("recursive");
        loops++;
        List<Statement> body = block(line, "else", "endfor");
        loops--;
        List<Statement> otherwise = List.of();
        if (tokens.next().isName("else")) {
            otherwise = block(line, "endfor");
            tokens.next();
        }
        return new For(target, elements, filter, recursive, body, otherwise, line);
    }

    private If branches(int line) {
        List<Branch> branches = new ArrayList<>();
        while (true) {
            Expression test = expressions.tuple(false, "");
            branches.add(new Branch(test, block(line, "elif", "else", "endif")));
            Token end = tokens.next();
            if (end.isName("endif")) {
                return new If(branches, List.of(), line);
            }
            if (end.isName("else")) {
                List<Statement> otherwise = block(line, "endif");
                tokens.next();
                return new If(branches, otherwise, line);
            }
        }
    }

    private Statement set(int line) {
        Target target = tokens.following().isOperator(".") ? member() : target("");
        if (tokens.skipOperator("=")) {
            return new Set(target, expressions.tuple(true, ""), line);
        }
        List<Filtering> filters = new ArrayList<>();
        while (tokens.skipOperator("|")) {
            filters.add(expressions.filtering());
        }
        List<Statement> body = block(line, "endset");
        tokens.next();
        return new SetBlock(target, filters, body, line);
    }

    private Target member() {
        String namespace = tokens.expect(Type.NAME, "a name").text();
        tokens.next();
        return new Target.Member(namespace, tokens.expect(Type.NAME, "a name").text());
    }

    /** A name, or several in parentheses or with commas. */
    private Target target(String end) {
        List<Target> targets = new ArrayList<>();
        boolean commas = false;
        while (!tokens.current().isOperator("=") && !expressions.ends(end)) {
            targets.add(oneTarget());
            if (!tokens.skipOperator(",")) {
                break;
            }
            commas = true;
        }
        if (targets.isEmpty()) {
            throw tokens.failed("expected a name, not " + tokens.current().described());
        }
        return commas ? new Target.Several(targets) : targets.getFirst();
    }

    private Target oneTarget() {
        if (!tokens.skipOperator("(")) {
            return new Target.Variable(name());
        }
        tokens.enter();
        Target target = target("");
        tokens.leave();
        tokens.expectOperator(")");
        return target;
    }

    private String name() {
        Token name = tokens.expect(Type.NAME, "a name");
        if (java.util.Set.of("true", "false", "none", "True", "False", "None").contains(name.text())) {
            throw Tokens.failed("cannot assign to " + name.described(), name.line());
        }
        return name.text();
    }

    private Macro macro(int line) {
        String name = name();
        Signature signature = signature();
        int from = tokens.at();
        List<Statement> body = closed(line, "endmacro");
        return new Macro(name, asking(signature, from), body, line);
    }

    private Signature asking(Signature signature, int from) {
        java.util.Set<String> asked = tokens.namesSince(from);
        asked.retainAll(List.of("caller", "varargs", "kwargs"));
        return new Signature(signature.parameters(), signature.defaults(), asked);
    }

    private Signature signature() {
        tokens.expectOperator("(");
        List<String> parameters = new ArrayList<>();
        List<Expression> defaults = new ArrayList<>();
        while (!tokens.current().isOperator(")")) {
            parameters.add(name());
            if (tokens.skipOperator("=")) {
                defaults.add(expressions.expression());
            } else if (!defaults.isEmpty()) {
                throw tokens.failed("a parameter without default follows one that has a default");
            }
            if (!tokens.skipOperator(",")) {
                break;
            }
        }
        tokens.expectOperator(")");
        return new Signature(parameters, defaults, java.util.Set.of());
    }

    private CallBlock call(int line) {
        Signature signature = tokens.current().isOperator("(")
                ? signature()
                : new Signature(List.of(), List.of(), java.util.Set.of());
        if (!(expressions.expression() instanceof Call call)) {
            throw Tokens.failed("'call' needs a call of a macro", line);
        }
        int from = tokens.at();
        List<Statement> body = closed(line, "endcall");
        return new CallBlock(asking(signature, from), call, body, line);
    }

    private List<Filtering> blockFilters() {
        List<Filtering> filters = new ArrayList<>(List.of(expressions.filtering()));
        while (tokens.skipOperator("|")) {
            filters.add(expressions.filtering());
        }
        return filters;
    }

    private With with(int line) {
        List<Binding> bindings = new ArrayList<>();
        while (!tokens.current().is(Type.BLOCK_END)) {
            Target target = target("");
            tokens.expectOperator("=");
            bindings.add(new Binding(target, expressions.expression()));
            if (!tokens.skipOperator(",")) {
                break;
            }
        }
        List<Statement> body = block(line, "endwith");
        tokens.next();
        return new With(bindings, body, line);
    }
}
