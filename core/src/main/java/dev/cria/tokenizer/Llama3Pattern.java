package dev.cria.tokenizer;

import static dev.cria.tokenizer.CodePoints.LETTER;
import static dev.cria.tokenizer.CodePoints.NUMBER;
import static dev.cria.tokenizer.CodePoints.SPACE;
import static dev.cria.tokenizer.CodePoints.SYMBOL;

/**
 * Llama 3's pattern, scanned by hand: contractions in either case, words with any one character before them, numbers
 * in groups, symbols with the line ends behind them, white space up to its last line end.
 *
 * @param digits how many digits stand in one group at most: 3 for Llama 3, 1 for Qwen
 */
record Llama3Pattern(int digits) implements PreTokenizer {

    /** The pattern as {@code tokenizer.json} spells it. */
    String regex() {
        return "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
                + (digits == 1 ? "" : "{1," + digits + "}")
                + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    }

    @Override
    public PreTokens over(byte[] utf8, int from, int to) {
        return new Scan(utf8, from, to, digits);
    }

    @Override
    public String signature() {
        return regex();
    }

    private static final class Scan implements PreTokens {
        private final byte[] utf8;
        private final int end;
        private final int digits;
        private int at;

        Scan(byte[] utf8, int from, int to, int digits) {
            this.utf8 = utf8;
            this.at = from;
            this.end = to;
            this.digits = digits;
        }

        @Override
        public int next() {
            at = end(at);
            return at;
        }

        private int end(int start) {
            int kind = CodePoints.classAt(utf8, start);
            if (kind == LETTER) {
                return Runs.letters(utf8, start, end);
            }
            if (kind == NUMBER) {
                return numbers(start);
            }
            int contraction = contraction(start);
            if (contraction > 0) {
                return start + contraction;
            }
            int second = start + CodePoints.width(utf8[start]);
            int following = second < end ? CodePoints.classAt(utf8, second) : SPACE;
            if (following == LETTER && !isLineEnd(utf8[start])) {
                return Runs.letters(utf8, second, end);
            }
            if (kind == SYMBOL || (utf8[start] == ' ' && following == SYMBOL)) {
                return lineEnds(Runs.of(SYMBOL, utf8, second, end));
            }
            return space(start);
        }

        private int numbers(int first) {
            int i = first;
            for (int n = 0; n < digits && i < end && CodePoints.classAt(utf8, i) == NUMBER; n++) {
                i += CodePoints.width(utf8[i]);
            }
            return i;
        }

        private int lineEnds(int first) {
            int i = first;
            while (i < end && isLineEnd(utf8[i])) {
                i++;
            }
            return i;
        }

        /** {@code \s*[\r\n]+} reaches to the run's last line end; without one it is white space as in GPT-2's. */
        private int space(int start) {
            int lineEnd = start;
            int i = start;
            while (i < end && CodePoints.classAt(utf8, i) == SPACE) {
                boolean isLineEnd = isLineEnd(utf8[i]);
                i += CodePoints.width(utf8[i]);
                lineEnd = isLineEnd ? i : lineEnd;
            }
            return lineEnd > start ? lineEnd : Runs.whiteSpace(utf8, start, end);
        }

        private static boolean isLineEnd(byte b) {
            return b == '\n' || b == '\r';
        }

        /** The length of the contraction at {@code start} in bytes, or 0. */
        private int contraction(int start) {
            if (utf8[start] != '\'' || start + 1 >= end) {
                return 0;
            }
            int third = start + 2 < end ? utf8[start + 2] | 0x20 : 0;
            return switch (utf8[start + 1] | 0x20) {
                case 's', 't', 'm', 'd' -> 2;
                case 'r', 'v' -> third == 'e' ? 3 : 0;
                case 'l' -> third == 'l' ? 3 : 0;
                // Case folding makes the long s (U+017F, C5 BF) an s.
                default -> utf8[start + 1] == (byte) 0xC5 && start + 2 < end && utf8[start + 2] == (byte) 0xBF ? 3 : 0;
            };
        }
    }
}
