package dev.cria.tokenizer;

/** A token that no merging makes: its literal in the text stands for its id. */
record AddedToken(int id, String content, Kind kind) {

    enum Kind {
        /** Recognised only where the caller asks for special tokens. */
        SPECIAL,
        /** Recognised in every text. */
        ORDINARY
    }
}
