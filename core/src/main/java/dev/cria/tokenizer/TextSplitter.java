package dev.cria.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A stage of cutting a text into words, as text and not as bytes: for tokenizers whose stages also drop, join or
 * respell what they cut. Several times slower than {@link PreTokenizer}.
 */
sealed interface TextSplitter {

    /** Appends the words of a piece. */
    void split(Piece piece, List<Piece> words);

    /** What becomes of what a pattern matches. */
    enum Behavior {
        ISOLATED,
        REMOVED,
        MERGED_WITH_PREVIOUS,
        MERGED_WITH_NEXT,
        CONTIGUOUS
    }

    /** Cuts at the matches of a pattern, or at what lies between them. */
    record Split(Pattern pattern, Behavior behavior, boolean invert) implements TextSplitter {

        private record Part(int from, int to, boolean matched) {}

        @Override
        public void split(Piece piece, List<Piece> words) {
            for (Part part : together(parts(piece.text()))) {
                boolean removed = behavior == Behavior.REMOVED && part.matched();
                if (!removed && part.from() < part.to()) {
                    words.add(piece.part(part.from(), part.to()));
                }
            }
        }

        private List<Part> parts(String text) {
            List<Part> parts = new ArrayList<>();
            Matcher matcher = pattern.matcher(text);
            int at = 0;
            while (matcher.find()) {
                if (matcher.start() > at) {
                    parts.add(new Part(at, matcher.start(), invert));
                }
                parts.add(new Part(matcher.start(), matcher.end(), !invert));
                at = matcher.end();
            }
            if (at < text.length()) {
                parts.add(new Part(at, text.length(), invert));
            }
            return parts;
        }

        private List<Part> together(List<Part> parts) {
            return switch (behavior) {
                case ISOLATED, REMOVED -> parts;
                case CONTIGUOUS -> joined(parts, (part, before) -> part.matched() == before);
                case MERGED_WITH_PREVIOUS -> joined(parts, (part, before) -> part.matched() && !before);
                case MERGED_WITH_NEXT ->
                    joined(parts.reversed(), (part, before) -> part.matched() && !before)
                            .reversed();
            };
        }

        private interface Joins {
            boolean joins(Part part, boolean neighbourMatched);
        }

        private static List<Part> joined(List<Part> parts, Joins joins) {
            List<Part> joined = new ArrayList<>();
            boolean before = false;
            for (Part part : parts) {
                if (!joined.isEmpty() && joins.joins(part, before)) {
                    Part last = joined.removeLast();
                    joined.add(new Part(
                            Math.min(last.from(), part.from()), Math.max(last.to(), part.to()), last.matched()));
                } else {
                    joined.add(part);
                }
                before = part.matched();
            }
            return joined;
        }

        @Override
        public String toString() {
            return "Split[" + pattern + ", " + behavior + ", " + invert + "]";
        }
    }

    /** Puts a space before what doesn't begin with one. */
    record PrefixSpace() implements TextSplitter {
        @Override
        public void split(Piece piece, List<Piece> words) {
            words.add(piece.text().startsWith(" ") ? piece : piece.after(" "));
        }
    }

    /** Spells bytes in GPT-2's alphabet. */
    record ByteLevel() implements TextSplitter {
        @Override
        public void split(Piece piece, List<Piece> words) {
            var spelled = new Piece.Builder();
            String text = piece.text();
            for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
                byte[] utf8 = Utf8.encode(Character.toString(text.codePointAt(i)));
                spelled.add(ByteAlphabet.spell(utf8), piece.origin(i));
            }
            words.add(spelled.piece(piece.start()));
        }
    }

    /** SentencePiece's mark in place of spaces, and before words. */
    record Metaspace(String mark, Scheme scheme, boolean split) implements TextSplitter {
        enum Scheme {
            ALWAYS,
            FIRST,
            NEVER
        }

        @Override
        public void split(Piece piece, List<Piece> words) {
            Piece marked = new Normalizer.Replace(Pattern.compile(" "), mark).apply(piece);
            boolean wanted =
                    switch (scheme) {
                        case ALWAYS -> true;
                        case FIRST -> piece.origin(0) == 0;
                        case NEVER -> false;
                    };
            Piece whole = wanted && !marked.text().startsWith(mark) ? marked.after(mark) : marked;
            if (split) {
                new Split(Pattern.compile(Pattern.quote(mark)), Behavior.MERGED_WITH_NEXT, false).split(whole, words);
            } else {
                words.add(whole);
            }
        }
    }

    /**
     * Cuts before a mark that ends a run of other characters. Where no token reaches over such a place, the ids are the
     * same as of the whole, and words come again and again where whole texts don't.
     */
    record BeforeMark(char mark) implements TextSplitter {
        @Override
        public void split(Piece piece, List<Piece> words) {
            String text = piece.text();
            int from = 0;
            for (int i = 1; i < text.length(); i++) {
                if (text.charAt(i) == mark && text.charAt(i - 1) != mark) {
                    words.add(piece.part(from, i));
                    from = i;
                }
            }
            words.add(piece.part(from, text.length()));
        }
    }
}
