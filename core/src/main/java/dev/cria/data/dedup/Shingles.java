package dev.cria.data.dedup;

import dev.cria.data.Mix64;
import java.text.Normalizer;
import java.util.Arrays;

/**
 * The word 5-grams of a text as hashes, in FineWeb's normal form: lower case, no punctuation, no accents, every number
 * 0.
 */
final class Shingles {
    static final int WORDS = 5;
    private static final long BASE = 0xD6E8FEB86659FD93L;

    private Shingles() {}

    /** A hash for each 5-gram; of a text with fewer words one for all of them; none where there is no word. */
    static long[] of(String text) {
        long[] words = wordHashes(text);
        int n = words.length == 0 ? 0 : Math.max(1, words.length - WORDS + 1);
        long[] shingles = new long[n];
        for (int i = 0; i < n; i++) {
            shingles[i] = combine(words, i, Math.min(i + WORDS, words.length));
        }
        return shingles;
    }

    /** A hash of the words from {@code from} to before {@code to}. */
    static long combine(long[] words, int from, int to) {
        long hash = 0;
        for (int k = from; k < to; k++) {
            hash = (hash + words[k]) * BASE;
            hash ^= hash >>> 32;
        }
        return hash;
    }

    /** A hash for each word of the normal form. */
    static long[] wordHashes(String text) {
        return plainWordHashes(isAscii(text) ? text : withoutAccents(text));
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 128) {
                return false;
            }
        }
        return true;
    }

    private static String withoutAccents(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        String decomposed = Normalizer.normalize(text, Normalizer.Form.NFD);
        for (int i = 0; i < decomposed.length(); i++) {
            if (Character.getType(decomposed.charAt(i)) != Character.NON_SPACING_MARK) {
                plain.append(decomposed.charAt(i));
            }
        }
        return plain.toString();
    }

    private static long[] plainWordHashes(String text) {
        long[] words = new long[text.length() / 6 + 8];
        int n = 0;
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (!Character.isLetterOrDigit(c) && !Character.isSurrogate(c)) {
                at++;
                continue;
            }
            long hash = 0;
            boolean inNumber = false;
            for (; at < text.length(); at++) {
                c = text.charAt(at);
                if (Character.isDigit(c)) {
                    hash = inNumber ? hash : Hashes.step(hash, '0');
                    inNumber = true;
                } else if (Character.isLetter(c) || Character.isSurrogate(c)) {
                    hash = Hashes.step(hash, Character.toLowerCase(c));
                    inNumber = false;
                } else if (!isRemoved(c)) {
                    break;
                }
            }
            words = n == words.length ? Arrays.copyOf(words, n * 2) : words;
            words[n++] = Mix64.next(hash);
        }
        return Arrays.copyOf(words, n);
    }

    /** Punctuation inside a word goes without parting it. */
    private static boolean isRemoved(char c) {
        return !Character.isWhitespace(c) && c != '\u00A0';
    }
}
