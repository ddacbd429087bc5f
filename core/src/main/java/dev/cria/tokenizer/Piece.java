package dev.cria.tokenizer;

import java.util.Arrays;

/**
 * A part of a text on its way to ids, with where its characters come from: a token begins where its first character
 * did, whatever a normalizer made of it.
 *
 * @param start where the part begins in the text
 * @param origins the character of the text that each one comes from; empty where they are those from {@code start} on
 */
record Piece(String text, int start, int[] origins) {
    private static final int[] UNCHANGED = {};

    /** Characters of the text as they are. */
    static Piece of(String text, int start) {
        return new Piece(text, start, UNCHANGED);
    }

    int origin(int index) {
        if (origins.length == 0) {
            return start + index;
        }
        return index < origins.length ? origins[index] : origins[origins.length - 1];
    }

    Piece part(int from, int to) {
        if (from == 0 && to == text.length()) {
            return this;
        }
        int[] kept = origins.length == 0 ? UNCHANGED : Arrays.copyOfRange(origins, from, to);
        return new Piece(text.substring(from, to), from < to ? origin(from) : start, kept);
    }

    /** The same after a word that the text doesn't have. */
    Piece after(String word) {
        return new Builder().add(word, start).add(this, 0, text.length()).piece(start);
    }

    /** Puts a piece together. */
    static final class Builder {
        private final StringBuilder text = new StringBuilder();
        private int[] origins = new int[64];

        /** Adds characters that all come from one. */
        Builder add(String added, int origin) {
            reserve(added.length());
            Arrays.fill(origins, text.length(), text.length() + added.length(), origin);
            text.append(added);
            return this;
        }

        /** Adds {@code piece[from, to)} as it is. */
        Builder add(Piece piece, int from, int to) {
            reserve(to - from);
            for (int i = from; i < to; i++) {
                origins[text.length() + i - from] = piece.origin(i);
            }
            text.append(piece.text(), from, to);
            return this;
        }

        private void reserve(int more) {
            if (text.length() + more > origins.length) {
                origins = Arrays.copyOf(origins, Math.max(2 * origins.length, text.length() + more));
            }
        }

        Piece piece(int start) {
            return new Piece(text.toString(), start, Arrays.copyOf(origins, text.length()));
        }
    }
}
