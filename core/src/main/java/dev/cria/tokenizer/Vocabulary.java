package dev.cria.tokenizer;

/** The bytes of each id. Ids that no token has are allowed, as some files leave gaps. */
final class Vocabulary {
    private final byte[][] tokens;
    private final int[] byteIds;

    /**
     * @param tokens indexed by id; an empty array where no token has the id
     * @param byteIds the id of each single byte
     */
    Vocabulary(byte[][] tokens, int[] byteIds) {
        this.tokens = tokens;
        this.byteIds = byteIds;
    }

    /** One more than the largest id. */
    int size() {
        return tokens.length;
    }

    boolean has(int id) {
        return id >= 0 && id < tokens.length && tokens[id].length > 0;
    }

    /** The bytes of an id that {@link #has} confirms; not to be written to. */
    byte[] bytes(int id) {
        return tokens[id];
    }

    /** The id of each single byte; not to be written to. */
    int[] byteIds() {
        return byteIds;
    }
}
