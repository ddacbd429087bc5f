package dev.cria.tokenizer;

/** Cuts each piece of the first pre-tokenizer with the second, which sees nothing beyond the piece. */
record PreTokenizerSequence(PreTokenizer first, PreTokenizer second) implements PreTokenizer {

    @Override
    public PreTokens over(byte[] utf8, int from, int to) {
        return new Scan(first.over(utf8, from, to), second, utf8, from);
    }

    @Override
    public String signature() {
        return first.signature() + "\n" + second.signature();
    }

    private static final class Scan implements PreTokens {
        private final PreTokens pieces;
        private final PreTokenizer second;
        private final byte[] utf8;
        private PreTokens inPiece;
        private int pieceEnd;
        private int at;

        Scan(PreTokens pieces, PreTokenizer second, byte[] utf8, int from) {
            this.pieces = pieces;
            this.second = second;
            this.utf8 = utf8;
            this.pieceEnd = from;
            this.at = from;
            this.inPiece = pieces;
        }

        @Override
        public int next() {
            if (at == pieceEnd) {
                pieceEnd = pieces.next();
                inPiece = second.over(utf8, at, pieceEnd);
            }
            at = inPiece.next();
            return at;
        }
    }
}
