package dev.cria.template;

import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A parsed chat template.
 *
 * <p>It renders as transformers' {@code apply_chat_template} does: Jinja 2's immutable sandbox with
 * {@code trim_blocks}, {@code lstrip_blocks}, loop controls and the {@code generation} tag. What Jinja has for web pages
 * and for several files is left out and refused.
 */
public final class Jinja {
    private final List<Statement> body;

    private Jinja(List<Statement> body) {
        this.body = body;
    }

    /**
     * Parses a template.
     *
     * @throws TemplateException with the line where it cannot be parsed
     */
    public static Jinja parse(String template) {
        if (template.length() > Budget.LARGEST) {
            throw new TemplateException("the template has " + template.length() + " characters", 1, false);
        }
        return new Jinja(StatementParser.parse(template));
    }

    /** Characters {@code [from, to)} of a rendering. */
    public record Span(int from, int to) {}

    /**
     * A rendered template.
     *
     * @param generated what the template marks as written by the assistant
     */
    public record Rendering(String text, List<Span> generated) {}

    /**
     * Renders the template.
     *
     * @param variables texts, numbers, booleans, {@link #NONE}, lists and maps of these
     * @param clock what {@code strftime_now} reads
     * @throws TemplateException with the line where it cannot be rendered
     */
    public Rendering render(Map<String, ?> variables, Clock clock) {
        Map<String, Value> values = new LinkedHashMap<>();
        variables.forEach((name, value) -> values.put(name, value(value)));
        return new Renderer(clock).rendered(body, new Scope(values));
    }

    /** Stands for Python's {@code None} among variables. */
    public static final Object NONE = Value.NONE;

    private static Value value(Object given) {
        return switch (given) {
            case Value none when none == NONE -> none;
            case String text -> Value.of(text);
            case Boolean holds -> Value.of(holds);
            case java.math.BigInteger number -> Numbers.bounded(number);
            case Integer number -> Value.of(number);
            case Long number -> Value.of(number);
            case Double number -> new Value.Real(number);
            case List<?> list -> {
                List<Value> values = new ArrayList<>();
                list.forEach(element -> values.add(value(element)));
                yield Value.list(values);
            }
            case Map<?, ?> map -> {
                Map<Value, Value> entries = new LinkedHashMap<>();
                map.forEach((key, element) -> entries.put(value(key), value(element)));
                yield new Value.Dict(entries);
            }
            default -> throw new IllegalArgumentException("no value of a template: " + given.getClass());
        };
    }
}
