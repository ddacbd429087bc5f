package dev.cria.data;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Rows of token ids and, for each, the id that follows it, in the layout of a contiguous int64 tensor.
 *
 * @param inputs [rows, sequenceLength]
 * @param targets [rows, sequenceLength], the inputs moved on by one token
 */
public record Batch(MemorySegment inputs, MemorySegment targets, int rows, int sequenceLength) {
    private static final long ALIGNMENT = 64;

    /** Room for a batch, owned by the arena. */
    public static Batch allocate(Arena arena, int rows, int sequenceLength) {
        long bytes = (long) rows * sequenceLength * Long.BYTES;
        return new Batch(arena.allocate(bytes, ALIGNMENT), arena.allocate(bytes, ALIGNMENT), rows, sequenceLength);
    }

    /** The token at a place of the inputs. */
    public long input(int row, int column) {
        return inputs.getAtIndex(ValueLayout.JAVA_LONG, (long) row * sequenceLength + column);
    }

    /** The token that should follow a place of the inputs. */
    public long target(int row, int column) {
        return targets.getAtIndex(ValueLayout.JAVA_LONG, (long) row * sequenceLength + column);
    }

    /** Puts a token at {@code column} of a row's T + 1 tokens: it is an input, a target of the one before, or both. */
    void put(int row, int column, long token) {
        long place = (long) row * sequenceLength + column;
        if (column < sequenceLength) {
            inputs.setAtIndex(ValueLayout.JAVA_LONG, place, token);
        }
        if (column > 0) {
            targets.setAtIndex(ValueLayout.JAVA_LONG, place - 1, token);
        }
    }
}
