package dev.cria.data.source;

import java.util.function.Consumer;

/**
 * A run of neighbouring rows that one worker reads at once. Where a source is cut into blocks depends on the source
 * alone, so that a position in the input can be told as a block and a row in it.
 *
 * @param bytes how many bytes of input the block stands for, for the progress
 * @param reader reads the block's rows in order; safe to call on any thread, once
 */
public record Block(long bytes, Reader reader) {

    /** Hands over rows in their order. */
    @FunctionalInterface
    public interface Reader {
        void read(Consumer<Row> rows);
    }
}
