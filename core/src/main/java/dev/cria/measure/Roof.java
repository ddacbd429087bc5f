package dev.cria.measure;

import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.GemmPeak;
import dev.cria.tensor.GemmPeak.Rate;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Product;
import dev.cria.tensor.cpu.MemoryBandwidth;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a machine does at best: operations a second in matrix products, bytes a second to and from memory.
 *
 * @param products of several sizes, each in float32, bfloat16 and the type of the step
 */
record Roof(List<Rate> products, Memory memory) {
    private static final double SECONDS = 0.03;

    Roof {
        products = List.copyOf(products);
    }

    /**
     * Bytes a second.
     *
     * @param far over arrays that no cache holds
     * @param near over arrays that a large L3 cache holds, and the caches before it do not
     */
    record Memory(MemoryBandwidth.Measured far, MemoryBandwidth.Measured near) {
        private static final long FAR = 9L << 28; // 2.25 GiB
        private static final long NEAR = 48L << 20;

        /** The faster of two measurements: a busy moment makes no memory slower. */
        Memory or(Memory other) {
            return new Memory(far.or(other.far), near.or(other.near));
        }

        Map<String, Object> toJson() {
            return Map.of("far", json(far), "near", json(near));
        }

        private static Map<String, Object> json(MemoryBandwidth.Measured measured) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("bytes", measured.bytes());
            json.put("gb_per_s", measured.best() / 1e9);
            measured.bytesPerSecond().forEach((pattern, rate) -> json.put(pattern.key(), rate / 1e9));
            return json;
        }

        /** For readers: {@code 31.2 GB/s (copy 24.1, …) over 2.4 GB, 60.1 over 50 MB}. */
        @Override
        public String toString() {
            String patterns = far.bytesPerSecond().entrySet().stream()
                    .map(e -> "%s %.1f".formatted(e.getKey().key(), e.getValue() / 1e9))
                    .collect(Collectors.joining(", "));
            return "%.1f GB/s over %.1f GB (%s), %.1f over %.0f MB"
                    .formatted(far.best() / 1e9, far.bytes() / 1e9, patterns, near.best() / 1e9, near.bytes() / 1e6);
        }

        /** Measures with a third of the room at most. */
        static Memory measure(Device device, double room) {
            return new Memory(
                    MemoryBandwidth.measure(device, (long) Math.min(FAR, room / 3)),
                    MemoryBandwidth.measure(device, NEAR));
        }
    }

    /** Measures square products and those of a step. */
    static Roof measure(Kernels kernels, DType compute, Device device, Collection<Product> ofStep, Memory memory) {
        Set<Product> products = new LinkedHashSet<>(GemmPeak.squares(device));
        products.addAll(ofStep);
        List<Rate> rates = new ArrayList<>();
        for (Product product : products) {
            for (DType type : types(compute)) {
                rates.add(GemmPeak.measure(kernels, product, type, device, SECONDS));
            }
        }
        return new Roof(rates, memory);
    }

    private static Set<DType> types(DType compute) {
        Set<DType> types = new LinkedHashSet<>(List.of(DType.FLOAT32, DType.BFLOAT16));
        types.add(compute);
        return types;
    }

    /**
     * The same after another look, at all products in the type of the step and at the fastest in the others: a busy
     * moment is no lower peak.
     */
    Roof again(Kernels kernels, DType compute, Device device) {
        List<Rate> rates = new ArrayList<>();
        for (Rate rate : products) {
            boolean worth = rate.dtype() == compute || rate == fastest(rate.dtype());
            rates.add(worth ? rate.or(GemmPeak.measure(kernels, rate.product(), rate.dtype(), device, SECONDS)) : rate);
        }
        return new Roof(rates, memory);
    }

    Roof with(Memory measured) {
        return new Roof(products, measured);
    }

    private Rate fastest(DType type) {
        return products.stream()
                .filter(rate -> rate.dtype() == type)
                .max((a, b) -> Double.compare(a.best(), b.best()))
                .orElseThrow();
    }

    /** Operations a second of the fastest product of a type. */
    double flops(DType type) {
        return fastest(type).best();
    }

    /** Bytes a second that memory itself gives. */
    double bytesPerSecond() {
        return memory.far().best();
    }
}
