package dev.cria.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** How fast all cores together read memory that does nothing but lie there. */
final class ReadBandwidth implements AutoCloseable {
    private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
    private static final int PASSES = 8;
    private static final long CHUNK = 1 << 18;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final int chunks;

    /** @param bytes how many are read, rounded up to whole chunks */
    ReadBandwidth(long bytes) {
        this.chunks = (int) ((bytes + CHUNK - 1) / CHUNK);
        this.memory = arena.allocate(chunks * CHUNK, 1 << 21);
        for (long i = 0; i < memory.byteSize(); i += 8) {
            memory.set(ValueLayout.JAVA_LONG, i, i);
        }
    }

    /** Seconds that each of some passes takes. */
    List<Double> passes() {
        List<Double> seconds = new ArrayList<>();
        for (int pass = 0; pass < PASSES; pass++) {
            long start = System.nanoTime();
            long sum = IntStream.range(0, chunks)
                    .parallel()
                    .mapToLong(i -> sum(memory, i * CHUNK))
                    .sum();
            if (sum != Long.MIN_VALUE) {
                seconds.add((System.nanoTime() - start) / 1e9);
            }
        }
        return seconds;
    }

    private static long sum(MemorySegment memory, long from) {
        int width = LONGS.vectorByteSize();
        var a = LongVector.zero(LONGS);
        var b = a;
        long half = CHUNK / 2;
        for (long i = from; i < from + half; i += width) {
            a = a.add(LongVector.fromMemorySegment(LONGS, memory, i, ByteOrder.nativeOrder()));
            b = b.add(LongVector.fromMemorySegment(LONGS, memory, i + half, ByteOrder.nativeOrder()));
        }
        return a.add(b).reduceLanes(VectorOperators.ADD);
    }

    @Override
    public void close() {
        arena.close();
    }
}
