package dev.cria.tokenizer;

import java.text.Normalizer.Form;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Rewrites the text between added tokens before it is cut into pre-tokens, as Hugging Face's normalizers do. */
sealed interface Normalizer {
    /** Leaves texts as they are. */
    Normalizer NONE = new Sequence(List.of());

    Piece apply(Piece piece);

    /** One of Unicode's normal forms. */
    record UnicodeForm(Form form) implements Normalizer {
        @Override
        public Piece apply(Piece piece) {
            return java.text.Normalizer.isNormalized(piece.text(), form)
                    ? piece
                    : clusterwise(piece, text -> java.text.Normalizer.normalize(text, form));
        }
    }

    /** Each code point by itself, so that a sigma that ends a word is like any other. */
    record Lowercase() implements Normalizer {
        @Override
        public Piece apply(Piece piece) {
            var lower = new Piece.Builder();
            String text = piece.text();
            for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
                lower.add(Character.toString(text.codePointAt(i)).toLowerCase(Locale.ROOT), piece.origin(i));
            }
            return lower.piece(piece.start());
        }
    }

    /** Drops combining marks. */
    record StripAccents() implements Normalizer {
        private static final Pattern MARKS = Pattern.compile("\\p{M}");

        @Override
        public Piece apply(Piece piece) {
            return new Replace(MARKS, "").apply(piece);
        }
    }

    /** Puts a word before every text that is not empty. */
    record Prepend(String word) implements Normalizer {
        @Override
        public Piece apply(Piece piece) {
            return piece.text().isEmpty() ? piece : piece.after(word);
        }
    }

    /** Replaces every match by a text. */
    record Replace(Pattern pattern, String by) implements Normalizer {
        @Override
        public Piece apply(Piece piece) {
            Matcher matcher = pattern.matcher(piece.text());
            if (!matcher.find()) {
                return piece;
            }
            var replaced = new Piece.Builder();
            int at = 0;
            do {
                replaced.add(piece, at, matcher.start()).add(by, piece.origin(matcher.start()));
                at = matcher.end();
            } while (matcher.find());
            return replaced.add(piece, at, piece.text().length()).piece(piece.start());
        }

        @Override
        public String toString() {
            return "Replace[" + pattern + ", " + by + "]";
        }
    }

    /** Drops white space at the ends. */
    record Strip(boolean left, boolean right) implements Normalizer {
        @Override
        public Piece apply(Piece piece) {
            String text = piece.text();
            int from = left ? CodePoints.spaceEnd(text, 0) : 0;
            int to = right && from < text.length() ? CodePoints.spaceStart(text, text.length()) : text.length();
            return piece.part(from, Math.max(from, to));
        }
    }

    /** One after the other. */
    record Sequence(List<Normalizer> stages) implements Normalizer {
        @Override
        public Piece apply(Piece piece) {
            Piece changed = piece;
            for (Normalizer stage : stages) {
                changed = stage.apply(changed);
            }
            return changed;
        }
    }

    private static Piece clusterwise(Piece piece, UnaryOperator<String> change) {
        String whole = change.apply(piece.text());
        var clusters = new Piece.Builder();
        String text = piece.text();
        for (int from = 0; from < text.length(); ) {
            int to = clusterEnd(text, from);
            clusters.add(change.apply(text.substring(from, to)), piece.origin(from));
            from = to;
        }
        Piece changed = clusters.piece(piece.start());
        // Where clusters touch each other after all, only the beginning is known.
        return changed.text().equals(whole)
                ? changed
                : new Piece.Builder().add(whole, piece.origin(0)).piece(piece.start());
    }

    /** The end of a letter with its marks, or of a Hangul syllable in parts. */
    private static int clusterEnd(String text, int from) {
        int first = text.codePointAt(from);
        int at = from + Character.charCount(first);
        boolean hangul = isHangul(first);
        while (at < text.length()) {
            int next = text.codePointAt(at);
            int type = Character.getType(next);
            boolean mark = type == Character.NON_SPACING_MARK
                    || type == Character.COMBINING_SPACING_MARK
                    || type == Character.ENCLOSING_MARK;
            if (!mark && !(hangul && next >= 0x1160 && next <= 0x11FF)) {
                break;
            }
            at += Character.charCount(next);
        }
        return at;
    }

    private static boolean isHangul(int codePoint) {
        return codePoint >= 0x1100 && codePoint <= 0x11FF || codePoint >= 0xAC00 && codePoint <= 0xD7A3;
    }
}
