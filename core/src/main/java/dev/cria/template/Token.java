package dev.cria.template;

/**
 * A part of a template's source.
 *
 * @param text of an operator, a name or a number as written; of a string, what it stands for
 */
record Token(Type type, String text, int line) {

    /** The kinds of tokens; BEGIN and END are those of {@code {{ }}} and {@code {% %}}. */
    enum Type {
        DATA,
        PRINT_BEGIN,
        PRINT_END,
        BLOCK_BEGIN,
        BLOCK_END,
        NAME,
        STRING,
        INTEGER,
        FLOAT,
        OPERATOR,
        END
    }

    boolean is(Type other) {
        return type == other;
    }

    boolean isOperator(String sign) {
        return type == Type.OPERATOR && text.equals(sign);
    }

    boolean isName(String name) {
        return type == Type.NAME && text.equals(name);
    }

    String described() {
        return switch (type) {
            case DATA -> "text";
            case PRINT_BEGIN -> "'{{'";
            case PRINT_END -> "'}}'";
            case BLOCK_BEGIN -> "'{%'";
            case BLOCK_END -> "'%}'";
            case STRING -> "a string";
            case NAME, INTEGER, FLOAT, OPERATOR ->
                "'" + (text.length() > 40 ? text.substring(0, 40) + "…" : text) + "'";
            case END -> "the end of the template";
        };
    }
}
