package dev.cria.data.dedup;

import dev.cria.data.Mix64;

/** 64-bit hashes of texts. Among a hundred million texts two different ones collide with a chance of 3 in 10,000. */
final class Hashes {
    private static final long FNV_OFFSET = 0xCBF29CE484222325L;
    private static final long FNV_PRIME = 0x100000001B3L;

    private Hashes() {}

    static long of(String text) {
        long hash = FNV_OFFSET;
        for (int i = 0; i < text.length(); i++) {
            hash = step(hash, text.charAt(i));
        }
        return Mix64.next(hash);
    }

    /** Of the text in lower case, with every run of white space as one space and none at the ends. */
    static long ofSquashed(String text) {
        long hash = FNV_OFFSET;
        boolean space = false;
        boolean begun = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isWhitespace(c) || c == '\u00A0') {
                space = begun;
                continue;
            }
            hash = space ? step(hash, ' ') : hash;
            hash = step(hash, Character.toLowerCase(c));
            space = false;
            begun = true;
        }
        return Mix64.next(hash);
    }

    /** FNV-1a with characters for bytes; {@link #mix} then spreads what it leaves unspread. */
    static long step(long hash, char c) {
        return (hash ^ c) * FNV_PRIME;
    }
}
