package dev.cria.tokenizer;

import java.util.Set;

/**
 * A token that no merging makes: its literal in the text stands for its id.
 *
 * @param traits how the literal is looked for
 */
record AddedToken(int id, String content, Kind kind, Set<Trait> traits) {

    enum Kind {
        /** Recognised only where the caller asks for special tokens. */
        SPECIAL,
        /** Recognised in every text. */
        ORDINARY
    }

    enum Trait {
        /** Only where no letter or number is beside it. */
        SINGLE_WORD,
        /** With the white space before it. */
        LSTRIP,
        /** With the white space after it. */
        RSTRIP,
        /** In the text as a normalizer leaves it; after those that are looked for in the text as it came. */
        NORMALIZED
    }

    AddedToken(int id, String content, Kind kind) {
        this(id, content, kind, Set.of());
    }

    boolean has(Trait trait) {
        return traits.contains(trait);
    }

    /** The literal as it is looked for, and as it is decoded. */
    String text(Normalizer normalizer) {
        return has(Trait.NORMALIZED) ? normalizer.apply(Piece.of(content, 0)).text() : content;
    }
}
