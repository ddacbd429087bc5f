package dev.cria.train;

import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters;
import dev.cria.optim.Optimizer;
import dev.cria.tensor.Device;
import dev.cria.tensor.Memory;
import dev.cria.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * The memory that a training has taken, by part, to be compared with its {@link MemoryPlan}. The parts that the plan
 * knows exactly are counted from the tensors; the others are what is left of what was allocated.
 *
 * @param peak the most that the process held in main memory at one time, as the system counts it; none where it doesn't
 * @param parts bytes by name; on a GPU those of tensors lie there
 */
record MemoryUse(OptionalLong peak, Map<String, Long> parts) {
    private static final Path STATUS = Path.of("/proc/self/status");

    static MemoryUse of(Parameters parameters, Optimizer optimizer, Optional<WeightAverage> average, Device device) {
        Memory memory = Memory.of(device);
        long tensors = device.isCpu() ? memory.liveBytes() + memory.freeBytes() : memory.peakLiveBytes();
        Map<String, Long> parts = new LinkedHashMap<>();
        parts.put("weights", sum(parameters, MemoryUse::weights));
        parts.put("compute copies", sum(parameters, p -> p.value().bytes() + masters(p) - weights(p)));
        parts.put(
                "gradients",
                parameters.gradients().map(Tensor::bytes).orElseGet(() -> sum(parameters, MemoryUse::ownGradient)));
        parts.put("moments", optimizer.bytes());
        average.ifPresent(a -> parts.put("average", a.bytes()));
        long known = parts.values().stream().mapToLong(Long::longValue).sum();
        parts.put("activations and scratch", tensors - known);
        OptionalLong peak = highWaterMark();
        long here = device.isCpu() ? tensors : 0;
        peak.ifPresent(most -> parts.put("JVM and libraries", most - here));
        return new MemoryUse(peak, parts);
    }

    /** Of masters, and of values that are as wide. */
    private static long weights(Parameter parameter) {
        boolean wide = parameter.value().dtype() == parameter.value().dtype().accumulation();
        return wide ? parameter.value().bytes() : masters(parameter);
    }

    private static long masters(Parameter parameter) {
        return parameter
                .master()
                .filter(m -> m != parameter.value())
                .map(Tensor::bytes)
                .orElse(0L);
    }

    /** A gradient that ranks share is kept by the one that moves the parameter. */
    private static long ownGradient(Parameter parameter) {
        return parameter.isTrainable() && parameter.master().isPresent()
                ? parameter.gradient().map(Tensor::bytes).orElse(0L)
                : 0;
    }

    private interface Bytes {
        long of(Parameter parameter);
    }

    private static long sum(Parameters parameters, Bytes bytes) {
        return parameters.list().stream().mapToLong(bytes::of).sum();
    }

    /** The kernel's high-water mark of resident memory. */
    private static OptionalLong highWaterMark() {
        if (!Files.isReadable(STATUS)) {
            return OptionalLong.empty();
        }
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst();
        } catch (IOException _) {
            return OptionalLong.empty();
        }
    }

    String toText() {
        String shown = parts.entrySet().stream()
                .map(e -> e.getKey() + " " + size(e.getValue()))
                .collect(Collectors.joining(", "));
        return peak.isPresent() ? size(peak.getAsLong()) + " at most: " + shown : shown;
    }

    private static String size(long bytes) {
        return bytes >= 1e9 ? "%.2f GB".formatted(bytes / 1e9) : "%.0f MB".formatted(bytes / 1e6);
    }
}
