package dev.cria.train;

import dev.cria.tensor.CpuFeatures;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Libraries;
import dev.cria.tensor.Product;
import dev.cria.tensor.TimedKernels.Spent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@link StepBench} measured. */
public final class StepReport {
    private final Device device;
    private final String kernels;
    private final DType compute;
    private final long parameters;
    private final double flopsPerToken;
    private final Recipe.Batch batch;
    private final Roof roof;
    private final List<Double> stepSeconds;
    private final Roofline roofline;
    private final ProductTable products;

    /**
     * @param stepSeconds of each step, ascending
     * @param roofline of the fastest step that was watched
     * @param products what each took in the step, and how much it was
     */
    StepReport(
            Device device,
            String kernels,
            DType compute,
            long parameters,
            double flopsPerToken,
            Recipe.Batch batch,
            Roof roof,
            List<Double> stepSeconds,
            Roofline roofline,
            Map<Product, Spent> products) {
        this.device = device;
        this.kernels = kernels;
        this.compute = compute;
        this.parameters = parameters;
        this.flopsPerToken = flopsPerToken;
        this.batch = batch;
        this.roof = roof;
        this.stepSeconds = List.copyOf(stepSeconds);
        this.roofline = roofline;
        this.products = new ProductTable(roof.products(), products);
    }

    Roof roof() {
        return roof;
    }

    Roofline roofline() {
        return roofline;
    }

    double best() {
        return stepSeconds.getFirst();
    }

    private double median() {
        int half = stepSeconds.size() / 2;
        return stepSeconds.size() % 2 == 1
                ? stepSeconds.get(half)
                : (stepSeconds.get(half - 1) + stepSeconds.get(half)) / 2;
    }

    /** Operations a second of the best product that was seen; in the step's type the step's own products count, too. */
    double peak(DType type) {
        return type == compute ? roofline.flops() : roof.flops(type);
    }

    private double tokensPerSecond(double seconds) {
        return batch.tokensPerStep() / seconds;
    }

    /** The model's operations a second as a share of the peak. */
    private double utilisation(double seconds) {
        return flopsPerToken * tokensPerSecond(seconds) / peak(compute);
    }

    /** The result for machines; the figures at the top are those of the best step, parts are milliseconds a step. */
    public Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("gemm_gflops", Map.of("fp32", peak(DType.FLOAT32) / 1e9, "bf16", peak(DType.BFLOAT16) / 1e9));
        json.putAll(figures(best()));
        json.put("median", figures(median()));
        json.put("steps", stepSeconds.size());
        Map<String, Double> parts = new LinkedHashMap<>();
        roofline.rows().forEach(row -> parts.put(row.name(), row.seconds() * 1e3));
        json.put("parts", parts);
        json.put("roofline", roofline.toJson());
        json.put("products", products.toJson());
        json.put("memory", roof.memory().toJson());
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
                "peak       matrix products %,.0f GFLOP/s in fp32, %,.0f in bf16, the best of those below",
                peak(DType.FLOAT32) / 1e9,
                peak(DType.BFLOAT16) / 1e9);
        line(text, "memory     %s", roof.memory());
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
        text.append(roofline.toText());
        line(text, "");
        text.append(products.toText());
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
