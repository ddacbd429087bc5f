package dev.cria.tensor.cpu;

import static dev.cria.tensor.cpu.Lanes.WIDTH;
import static dev.cria.tensor.cpu.Lanes.load;

import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Memory;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import jdk.incubator.vector.FloatVector;

/**
 * How many bytes a second memory gives and takes, with all threads at work on three arrays of float32. Bytes are counted
 * as STREAM does: each element once for each time that the formula reads or writes it, though a processor may read what
 * it is about to overwrite.
 *
 * @see "McCalpin 1995, Memory Bandwidth and Machine Balance in Current High Performance Computers"
 */
public final class MemoryBandwidth {
    private static final int PASSES = 6;
    private static final int ARRAYS = 3;

    /** Floats of a task: 1 MiB. */
    private static final long PIECE = 1 << 18;

    private MemoryBandwidth() {}

    /** What is done to the arrays. */
    public enum Pattern {
        /** Σ a. */
        READ(1),
        /** a = b. */
        COPY(2),
        /** a = b + s·c. */
        TRIAD(3),
        /** a = a + s·b, as an optimizer goes over its numbers. */
        UPDATE(3);

        private final int moved;

        Pattern(int moved) {
            this.moved = moved;
        }

        /** The name in results. */
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What was reached.
     *
     * @param bytes of the arrays together
     * @param bytesPerSecond of the fastest pass of each pattern
     */
    public record Measured(long bytes, Map<Pattern, Double> bytesPerSecond) {
        public Measured {
            bytesPerSecond = Collections.unmodifiableMap(new EnumMap<>(bytesPerSecond));
        }

        /** The faster of two measurements of each pattern. */
        public Measured or(Measured other) {
            Map<Pattern, Double> faster = new EnumMap<>(bytesPerSecond);
            other.bytesPerSecond.forEach((pattern, rate) -> faster.merge(pattern, rate, Math::max));
            return new Measured(Math.max(bytes, other.bytes), faster);
        }

        /** The most of any pattern: what memory can do. */
        public double best() {
            return bytesPerSecond.values().stream()
                    .mapToDouble(Double::doubleValue)
                    .max()
                    .orElseThrow();
        }
    }

    /** Measures with arrays of so many bytes together; on a GPU by copies alone. Their memory is given back. */
    public static Measured measure(Device device, long bytes) {
        long elements = Math.max(PIECE, bytes / ARRAYS / Float.BYTES / PIECE * PIECE);
        Map<Pattern, Double> rates = new EnumMap<>(Pattern.class);
        try (var scope = new Scope()) {
            Tensor a = scope.own(Tensor.zeros(DType.FLOAT32, device, elements));
            Tensor b = scope.own(Tensor.zeros(DType.FLOAT32, device, elements));
            Tensor c = scope.own(Tensor.zeros(DType.FLOAT32, device, elements));
            for (Pattern pattern : Pattern.values()) {
                if (device.isCpu() || pattern == Pattern.COPY) {
                    double moved = (double) pattern.moved * Float.BYTES * elements;
                    rates.put(pattern, moved / fastest(() -> pass(pattern, a, b, c)));
                }
            }
        }
        Memory.of(device).trim();
        return new Measured(ARRAYS * Float.BYTES * elements, rates);
    }

    private static double fastest(Runnable pass) {
        double best = Double.POSITIVE_INFINITY;
        for (int i = 0; i < PASSES; i++) {
            long begun = System.nanoTime();
            pass.run();
            best = Math.min(best, (System.nanoTime() - begun) / 1e9);
        }
        return best;
    }

    private static void pass(Pattern pattern, Tensor a, Tensor b, Tensor c) {
        if (!a.device().isCpu()) {
            a.copyFrom(b);
            try (Tensor corner = a.rows(0, 1)) {
                corner.toFloats(); // Waits for the device.
            }
            return;
        }
        long first = a.address();
        long second = b.address();
        long third = c.address();
        Workers.shared().run((int) (a.elements() / PIECE), (piece, scratch) -> {
            long at = Float.BYTES * PIECE * piece;
            switch (pattern) {
                case READ -> Lanes.set(scratch.floats(1), sum(first + at));
                case COPY -> Lanes.copy(second + at, first + at, Float.BYTES * PIECE);
                case TRIAD -> triad(second + at, third + at, first + at);
                case UPDATE -> triad(first + at, second + at, first + at);
            }
        });
    }

    /** Four sums side by side, so that no addition waits for the one before. */
    private static float sum(long x) {
        var first = FloatVector.zero(Lanes.FLOATS);
        var second = first;
        var third = first;
        var fourth = first;
        for (int i = 0; i < PIECE; i += 4 * WIDTH) {
            first = first.add(load(x + 4L * i));
            second = second.add(load(x + 4L * (i + WIDTH)));
            third = third.add(load(x + 4L * (i + 2 * WIDTH)));
            fourth = fourth.add(load(x + 4L * (i + 3 * WIDTH)));
        }
        return Lanes.sum(first.add(second).add(third.add(fourth)));
    }

    private static void triad(long x, long y, long target) {
        for (int i = 0; i < PIECE; i += WIDTH) {
            Lanes.store(target + 4L * i, load(y + 4L * i).mul(0.5f).add(load(x + 4L * i)));
        }
    }
}
