package dev.cria.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.stream.IntStream;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** How fast all cores together read memory that does nothing but lie there: the best of several passes. */
final class ReadBandwidth {
    private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
    private static final int PASSES = 12;
    private static final long CHUNK = 1 << 18;

    private ReadBandwidth() {}

    /** Bytes a second over so many bytes, at most a second or so of measuring. */
    static double measure(long bytes) {
        long chunks = Math.max(1, bytes / CHUNK);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(chunks * CHUNK, 4096);
            for (long i = 0; i < memory.byteSize(); i += 8) {
                memory.set(ValueLayout.JAVA_LONG, i, i);
            }
            double best = Double.MAX_VALUE;
            long begun = System.nanoTime();
            for (int pass = 0; pass < PASSES || System.nanoTime() - begun < 500_000_000L; pass++) {
                long start = System.nanoTime();
                long sum = IntStream.range(0, (int) chunks)
                        .parallel()
                        .mapToLong(i -> sum(memory, i * CHUNK))
                        .sum();
                if (sum != Long.MIN_VALUE) {
                    best = Math.min(best, (System.nanoTime() - start) / 1e9);
                }
            }
            return chunks * CHUNK / best;
        }
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
}
