package dev.cria.template;

import dev.cria.template.Token.Type;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Where the parser stands among the tokens. */
final class Tokens {
    /** Expressions and statements within each other, as the source has them. */
    private static final int DEEPEST = 100;

    private final List<Token> tokens;
    private int at;
    private int depth;

    Tokens(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token current() {
        return tokens.get(at);
    }

    Token following() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token next() {
        Token token = current();
        at = Math.min(at + 1, tokens.size() - 1);
        return token;
    }

    int at() {
        return at;
    }

    /** The names among the tokens from a place on. */
    Set<String> namesSince(int from) {
        Set<String> names = new HashSet<>();
        for (Token token : tokens.subList(from, at)) {
            if (token.is(Type.NAME)) {
                names.add(token.text());
            }
        }
        return names;
    }

    int line() {
        return current().line();
    }

    boolean skipOperator(String sign) {
        boolean there = current().isOperator(sign);
        if (there) {
            next();
        }
        return there;
    }

    boolean skipName(String name) {
        boolean there = current().isName(name);
        if (there) {
            next();
        }
        return there;
    }

    Token expect(Type type, String what) {
        if (!current().is(type)) {
            throw failed("expected " + what + ", not " + current().described());
        }
        return next();
    }

    void expectOperator(String sign) {
        if (!skipOperator(sign)) {
            throw failed("expected '" + sign + "', not " + current().described());
        }
    }

    void expectName(String name) {
        if (!skipName(name)) {
            throw failed("expected '" + name + "', not " + current().described());
        }
    }

    TemplateException failed(String reason) {
        return failed(reason, line());
    }

    static TemplateException failed(String reason, int line) {
        return new TemplateException(reason, line, false);
    }

    void enter() {
        if (++depth > DEEPEST) {
            throw failed("the template nests deeper than " + DEEPEST + " levels");
        }
    }

    void leave() {
        depth--;
    }
}
