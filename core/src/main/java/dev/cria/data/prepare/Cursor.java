package dev.cria.data.prepare;

/**
 * A place in the input, from which unfinished work goes on.
 *
 * @param block how many blocks lie before it
 * @param row how many rows of its block
 * @param token how many tokens of its row
 */
record Cursor(long block, int row, int token) {
    static final Cursor START = new Cursor(0, 0, 0);
    static final Cursor END = new Cursor(Long.MAX_VALUE, 0, 0);
}
