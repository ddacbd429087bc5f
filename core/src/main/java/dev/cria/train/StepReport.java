package dev.cria.train;

import dev.cria.tensor.CpuFeatures;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.GemmPeak;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Libraries;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@link StepBench} measured.
 *
 * @param stepSeconds of each step, ascending
 * @param partSeconds of a mean step by kind of operation
 */
public record StepReport(
        Device device,
        String kernels,
        DType compute,
        long parameters,
        double flopsPerToken,
        Recipe.Batch batch,
        Peaks peaks,
        List<Double> stepSeconds,
        Map<String, Double> partSeconds) {

    /**
     * Operations a second that square matrix products of 1024 reach here.
     *
     * @param compute in the type of the step, of which utilisation is a share
     */
    public record Peaks(double fp32, double bf16, double compute) {
        static Peaks measure(Kernels kernels, DType type, Device device) {
            double fp32 = GemmPeak.measure(kernels, DType.FLOAT32, device);
            double bf16 = GemmPeak.measure(kernels, DType.BFLOAT16, device);
            double compute =
                    switch (type) {
                        case FLOAT32 -> fp32;
                        case BFLOAT16 -> bf16;
                        default -> GemmPeak.measure(kernels, type, device);
                    };
            return new Peaks(fp32, bf16, compute);
        }

        /** The larger of two measurements of each: a busy moment is no lower peak. */
        Peaks or(Peaks other) {
            return new Peaks(Math.max(fp32, other.fp32), Math.max(bf16, other.bf16), Math.max(compute, other.compute));
        }
    }

    private double best() {
        return stepSeconds.getFirst();
    }

    private double median() {
        int half = stepSeconds.size() / 2;
        return stepSeconds.size() % 2 == 1
                ? stepSeconds.get(half)
                : (stepSeconds.get(half - 1) + stepSeconds.get(half)) / 2;
    }

    private double tokensPerSecond(double seconds) {
        return batch.tokensPerStep() / seconds;
    }

    /** The model's operations a second as a share of the measured peak. */
    private double utilisation(double seconds) {
        return flopsPerToken * tokensPerSecond(seconds) / peaks.compute();
    }

    /** The result for machines; the figures at the top are those of the best step, parts are milliseconds a step. */
    public Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("gemm_gflops", Map.of("fp32", peaks.fp32() / 1e9, "bf16", peaks.bf16() / 1e9));
        json.putAll(figures(best()));
        json.put("median", figures(median()));
        json.put("steps", stepSeconds.size());
        Map<String, Double> parts = new LinkedHashMap<>();
        partSeconds.forEach((part, seconds) -> parts.put(part, seconds * 1e3));
        json.put("parts", parts);
        json.put("device", device.toString());
        json.put("kernels", kernels);
        json.put("compute", ComputeType.word(compute));
        json.put("parameters", parameters);
        json.put("flops_per_token", flopsPerToken);
        return json;
    }

    private Map<String, Object> figures(double seconds) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("tokens_per_s", tokensPerSecond(seconds));
        figures.put("step_ms", seconds * 1e3);
        figures.put("mfu", utilisation(seconds));
        return figures;
    }

    /** The result for people. */
    public String toText() {
        var text = new StringBuilder();
        line(
                text,
                "device     %s; kernels: %s",
                device.isCpu() ? CpuFeatures.here().model() : Libraries.gpu(device),
                kernels);
        line(
                text,
                "peak       matrix products %,.0f GFLOP/s in fp32, %,.0f in bf16 (%s, best)",
                peaks.fp32() / 1e9,
                peaks.bf16() / 1e9,
                GemmPeak.product(device));
        line(text, "model      %.1fM parameters, %.4g GFLOP a token", parameters / 1e6, flopsPerToken / 1e9);
        line(
                text,
                "step       %d tokens = %d × %d × %d, in %s, %d steps measured",
                batch.tokensPerStep(),
                batch.microBatch(),
                batch.sequenceLength(),
                batch.accumulation(1),
                ComputeType.word(compute),
                stepSeconds.size());
        line(text, "");
        line(text, "           %10s %10s %8s", "ms a step", "tokens/s", "mfu");
        row(text, "best", best());
        row(text, "median", median());
        line(text, "");
        double whole =
                partSeconds.values().stream().mapToDouble(Double::doubleValue).sum();
        line(text, "%-22s %10s %8s", "where the time goes", "ms a step", "share");
        partSeconds.entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .forEach(part -> line(
                        text,
                        "%-22s %10.1f %7.1f%%",
                        part.getKey().replace('_', ' '),
                        part.getValue() * 1e3,
                        100 * part.getValue() / whole));
        return text.toString();
    }

    private void row(StringBuilder text, String name, double seconds) {
        line(
                text,
                "%-10s %10.1f %,10.0f %7.1f%%",
                name,
                seconds * 1e3,
                tokensPerSecond(seconds),
                100 * utilisation(seconds));
    }

    private static void line(StringBuilder text, String format, Object... arguments) {
        text.append(format.formatted(arguments).stripTrailing()).append('\n');
    }
}
