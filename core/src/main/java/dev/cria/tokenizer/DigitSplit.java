package dev.cria.tokenizer;

import static dev.cria.tokenizer.CodePoints.NUMBER;

/** Hugging Face's {@code Digits}: numbers stand apart from the rest, each alone or run by run. */
record DigitSplit(Grouping grouping) implements PreTokenizer {

    enum Grouping {
        EACH_ALONE,
        RUNS
    }

    @Override
    public PreTokens over(byte[] utf8, int from, int to) {
        return new Scan(utf8, from, to, grouping);
    }

    @Override
    public String signature() {
        return grouping == Grouping.EACH_ALONE ? "\\p{N}" : "\\p{N}+";
    }

    private static final class Scan implements PreTokens {
        private final byte[] utf8;
        private final int end;
        private final Grouping grouping;
        private int at;

        Scan(byte[] utf8, int from, int to, Grouping grouping) {
            this.utf8 = utf8;
            this.at = from;
            this.end = to;
            this.grouping = grouping;
        }

        @Override
        public int next() {
            if (CodePoints.classAt(utf8, at) != NUMBER) {
                do {
                    at += CodePoints.width(utf8[at]);
                } while (at < end && CodePoints.classAt(utf8, at) != NUMBER);
            } else if (grouping == Grouping.EACH_ALONE) {
                at += CodePoints.width(utf8[at]);
            } else {
                at = Runs.of(NUMBER, utf8, at, end);
            }
            return at;
        }
    }
}
