package dev.cria.spark;

/** Where a document stands, as one number: its portion, and its place among the portion's documents. */
final class DocumentNumber {
    private static final int PLACE_BITS = 40;

    private DocumentNumber() {}

    static long of(int portion, long place) {
        return (long) portion << PLACE_BITS | place;
    }

    static int portion(long document) {
        return (int) (document >>> PLACE_BITS);
    }

    static long place(long document) {
        return document & (1L << PLACE_BITS) - 1;
    }
}
