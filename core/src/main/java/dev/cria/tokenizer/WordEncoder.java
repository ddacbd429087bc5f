package dev.cria.tokenizer;

/** Encodes the text between added tokens. Holds scratch memory and a cache, so one thread at a time. */
sealed interface WordEncoder permits BpeEncoder, SpelledEncoder {

    void append(Piece piece);

    void append(int id);

    /** The ids appended since the last call. */
    int[] take();
}
