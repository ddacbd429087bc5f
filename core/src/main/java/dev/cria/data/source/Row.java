package dev.cria.data.source;

import java.util.Optional;
import java.util.OptionalDouble;

/** One thing found in a source, in the order of the source. */
public sealed interface Row {

    /** The file as the user named it. */
    String source();

    /** The place among the rows of its file, from 0; -1 for what concerns the file as a whole. */
    long row();

    /** The row's own name, from a column or key {@code id}. */
    Optional<String> id();

    /**
     * A document.
     *
     * @param text possibly empty; valid UTF-16
     * @param encoding whether anything in the text had to be replaced by U+FFFD
     * @param dump the snapshot it came from, from a column or key {@code dump}
     * @param score its educational score, from a column or key {@code score}
     */
    record Document(
            String source,
            long row,
            Optional<String> id,
            String text,
            Encoding encoding,
            Optional<String> dump,
            OptionalDouble score)
            implements Row {

        /** The same document with another text. */
        public Document withText(String edited) {
            return new Document(source, row, id, edited, encoding, dump, score);
        }
    }

    /** A row whose text is null: not an error, and nothing to learn from. */
    record WithoutText(String source, long row, Optional<String> id) implements Row {}

    /**
     * A row, or with row -1 the rest of a file, that cannot be read.
     *
     * @param refusal what to throw unless bad rows are to be skipped
     */
    record Unreadable(String source, long row, RuntimeException refusal) implements Row {
        @Override
        public Optional<String> id() {
            return Optional.empty();
        }
    }

    /** Whether a text was sound UTF-8. */
    enum Encoding {
        SOUND,
        REPAIRED
    }
}
