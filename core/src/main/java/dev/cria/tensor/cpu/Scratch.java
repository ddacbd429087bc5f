package dev.cria.tensor.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A thread's own working memory: taken piece by piece during a task, all given back at its end, never shrunk. */
public final class Scratch {
    private static final long FIRST_BYTES = 1 << 20;
    private static final long ALIGNMENT = 64;

    private final List<MemorySegment> blocks = new ArrayList<>();
    private int block;
    private long used;

    /** How far the memory is in use. */
    record Mark(int block, long used) {}

    Mark mark() {
        return new Mark(block, used);
    }

    void reset(Mark mark) {
        block = mark.block();
        used = mark.used();
    }

    /** The address of undefined memory, at a cache line's start, until the task ends. */
    long take(long bytes) {
        long size = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        while (block < blocks.size() && used + size > blocks.get(block).byteSize()) {
            block++;
            used = 0;
        }
        if (block == blocks.size()) {
            long doubled = blocks.isEmpty() ? FIRST_BYTES : 2 * blocks.getLast().byteSize();
            blocks.add(Arena.ofAuto().allocate(Math.max(size, doubled), 4096));
        }
        long address = blocks.get(block).address() + used;
        used += size;
        return address;
    }

    /** Memory for that many floats. */
    long floats(long count) {
        return take(count * Float.BYTES);
    }
}
