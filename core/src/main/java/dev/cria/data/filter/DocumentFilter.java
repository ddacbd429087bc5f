package dev.cria.data.filter;

/** One filter with its thresholds. Implementations are pure functions, safe for use by many threads. */
public interface DocumentFilter {

    /** The filter's name in pipeline files, such as {@code gopher_quality}. */
    String name();

    Verdict judge(TextView document);

    /** Whether it ever answers with {@link Verdict.Edit}. */
    default boolean edits() {
        return false;
    }
}
