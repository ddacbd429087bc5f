package dev.cria.template;

/** A template that cannot be parsed or rendered, or that refuses what it was given. */
public final class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int line;
    private final boolean raised;

    TemplateException(String reason, int line, boolean raised) {
        super(reason);
        this.line = line;
        this.raised = raised;
    }

    /** The line of the template, counted from 1. */
    public int line() {
        return line;
    }

    /** What is wrong, or what {@code raise_exception} said. */
    public String reason() {
        return String.valueOf(getMessage());
    }

    /** Whether the template itself called {@code raise_exception}. */
    public boolean raised() {
        return raised;
    }
}
