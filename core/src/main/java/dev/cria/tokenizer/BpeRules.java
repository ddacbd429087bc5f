package dev.cria.tokenizer;

import java.util.List;

/** All that decides the ids of the text between added tokens, and the text of ids. */
sealed interface BpeRules permits BpeModel, SpelledModel {

    /** In order of id. */
    List<AddedToken> added();

    WordEncoder encoder();

    /** Where each of the ids of a piece begins, as a character of the text that the piece is of. */
    int[] starts(Piece piece, int[] ids);

    /** One more than the largest id. */
    int size();

    boolean has(int id);

    /** The bytes of an id that {@link #has} confirms; not to be written to. */
    byte[] bytes(int id);

    /** The text of ids that {@link #has} confirms. */
    String decode(int[] ids);

    /** SHA-256 of everything here in a fixed layout, in hexadecimal. */
    String fingerprint();
}
