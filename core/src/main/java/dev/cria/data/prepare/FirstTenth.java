package dev.cria.data.prepare;

/** Where a corpus that fills one shard only is parted into validation and training. */
public final class FirstTenth {
    private static final int FRACTION = 10;

    private FirstTenth() {}

    /**
     * How many tokens the first tenth of the documents has, at least one document; of a single document, a tenth of its
     * tokens.
     */
    public static int of(int[] tokens, int endOfText) {
        long documents = 0;
        for (int token : tokens) {
            documents += token == endOfText ? 1 : 0;
        }
        if (documents < 2) {
            return tokens.length / FRACTION;
        }
        long wanted = Math.max(1, documents / FRACTION);
        long seen = 0;
        for (int i = 0; i < tokens.length; i++) {
            seen += tokens[i] == endOfText ? 1 : 0;
            if (seen > wanted) {
                return i;
            }
        }
        return tokens.length;
    }
}
