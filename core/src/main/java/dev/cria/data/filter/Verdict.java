package dev.cria.data.filter;

/** What a filter says of a document. */
public sealed interface Verdict {
    Verdict KEEP = new Keep();

    /** The document stays as it is. */
    record Keep() implements Verdict {}

    /**
     * The document stays with another text.
     *
     * @param rule who changed it, such as {@code c4_lines}
     */
    record Edit(String rule, String text) implements Verdict {}

    /**
     * The document goes.
     *
     * @param rule the filter and its rule, such as {@code gopher_quality.short}; what the report counts by
     * @param detail the figure found and the one allowed
     */
    record Drop(String rule, String detail) implements Verdict {}
}
