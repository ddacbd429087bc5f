package dev.cria.tokenizer;

import static dev.cria.tokenizer.CodePoints.LETTER;
import static dev.cria.tokenizer.CodePoints.SPACE;
import static dev.cria.tokenizer.CodePoints.SYMBOL;

/**
 * GPT-2's pattern, scanned by hand: contractions, then runs of letters, numbers or symbols each with at most one
 * space before, then white space, whose last character goes to the word behind it.
 */
record Gpt2Pattern() implements PreTokenizer {
    static final String REGEX = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    @Override
    public PreTokens over(byte[] utf8, int from, int to) {
        return new Scan(utf8, from, to);
    }

    @Override
    public String signature() {
        return REGEX;
    }

    private static final class Scan implements PreTokens {
        private final byte[] utf8;
        private final int end;
        private int at;

        Scan(byte[] utf8, int from, int to) {
            this.utf8 = utf8;
            this.at = from;
            this.end = to;
        }

        @Override
        public int next() {
            int start = at;
            int first = start;
            if (utf8[start] == ' ' && start + 1 < end) {
                first++;
            }
            int kind = CodePoints.classAt(utf8, first);
            if (kind == LETTER) {
                at = Runs.letters(utf8, first, end);
            } else if (kind == SPACE) {
                at = Runs.whiteSpace(utf8, start, end);
            } else {
                int contraction = kind == SYMBOL && first == start ? contraction(start) : 0;
                at = contraction > 0 ? start + contraction : Runs.of(kind, utf8, first, end);
            }
            return at;
        }

        /** The length of the contraction at {@code start}, or 0. */
        private int contraction(int start) {
            if (utf8[start] != '\'' || start + 1 >= end) {
                return 0;
            }
            byte second = utf8[start + 1];
            byte third = start + 2 < end ? utf8[start + 2] : 0;
            return switch (second) {
                case 's', 't', 'm', 'd' -> 2;
                case 'r', 'v' -> third == 'e' ? 3 : 0;
                case 'l' -> third == 'l' ? 3 : 0;
                default -> 0;
            };
        }
    }
}
