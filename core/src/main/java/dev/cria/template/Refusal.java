package dev.cria.template;

/** An operation that its operands don't allow; whoever runs the template adds the line. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean raised;

    Refusal(String reason) {
        this(reason, false);
    }

    /** @param raised whether the template asked for it */
    Refusal(String reason, boolean raised) {
        super(reason, null, false, false);
        this.raised = raised;
    }

    TemplateException at(int line) {
        return new TemplateException(String.valueOf(getMessage()), line, raised);
    }
}
