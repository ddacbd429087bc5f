package dev.cria.template;

import dev.cria.template.Expression.Filtering;
import java.util.List;
import java.util.Optional;

/** What a template does. */
sealed interface Statement {
    int line();

    record Data(String text, int line) implements Statement {}

    record Print(Expression value, int line) implements Statement {}

    record If(List<Branch> branches, List<Statement> otherwise, int line) implements Statement {}

    record Branch(Expression test, List<Statement> body) {}

    record For(
            Target target,
            Expression elements,
            Optional<Expression> filter,
            boolean recursive,
            List<Statement> body,
            List<Statement> otherwise,
            int line)
            implements Statement {}

    record Set(Target target, Expression value, int line) implements Statement {}

    /** {@code {% set name | filter %}body{% endset %}}. */
    record SetBlock(Target target, List<Filtering> filters, List<Statement> body, int line) implements Statement {}

    record With(List<Binding> bindings, List<Statement> body, int line) implements Statement {}

    record Binding(Target target, Expression value) {}

    record Macro(String name, Signature signature, List<Statement> body, int line) implements Statement {}

    /**
     * @param parameters all names
     * @param defaults of the last of them
     * @param asked which of {@code caller}, {@code varargs} and {@code kwargs} the body names
     */
    record Signature(List<String> parameters, List<Expression> defaults, java.util.Set<String> asked) {
        boolean uses(String name) {
            return asked.contains(name);
        }
    }

    /** {@code {% call(parameters) function(…) %}body{% endcall %}}. */
    record CallBlock(Signature signature, Expression.Call call, List<Statement> body, int line) implements Statement {}

    record FilterBlock(List<Filtering> filters, List<Statement> body, int line) implements Statement {}

    /** What transformers marks as written by the assistant. */
    record Generation(List<Statement> body, int line) implements Statement {}

    record Break(int line) implements Statement {}

    record Continue(int line) implements Statement {}

    /** What is assigned to. */
    sealed interface Target {
        record Variable(String name) implements Target {}

        record Several(List<Target> targets) implements Target {}

        record Member(String namespace, String name) implements Target {}
    }
}
