package dev.cria.measure;

import dev.cria.measure.TimedKernels.Spent;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Product;
import dev.cria.tensor.cpu.CpuFeatures;
import dev.cria.tensor.library.Libraries;
import dev.cria.train.ComputeType;
import java.util.LinkedHashMap;
import java.util.Map;

/** What {@link StepBench} measured. */
public final class StepReport {
    private final Device device;
    private final String kernels;
    private final long parameters;
    private final StepSpeed speed;
    private final Roof roof;
    private final Roofline roofline;
    private final ProductTable products;

    /**
     * @param roofline of the fastest step that was watched
     * @param products what each took in the step, and how much it was
     */
    StepReport(
            Device device,
            String kernels,
            long parameters,
            StepSpeed speed,
            Roof roof,
            Roofline roofline,
            Map<Product, Spent> products) {
        this.device = device;
        this.kernels = kernels;
        this.parameters = parameters;
        this.speed = speed;
        this.roof = roof;
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
        return speed.best();
    }

    /** Operations a second of the best product that was seen; in the step's type the step's own products count, too. */
    double peak(DType type) {
        return type == speed.compute() ? roofline.flops() : roof.flops(type);
    }

    /** The model's operations a second as a share of the peak. */
    private double utilisation(double seconds) {
        return speed.flopsPerToken() * speed.tokensPerSecond(seconds) / peak(speed.compute());
    }

    /** The result for machines; the figures at the top are those of the best step, parts are milliseconds a step. */
    public Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("gemm_gflops", Map.of("fp32", peak(DType.FLOAT32) / 1e9, "bf16", peak(DType.BFLOAT16) / 1e9));
        json.putAll(figures(best()));
        json.put("median", figures(speed.median()));
        json.put("steps", speed.stepSeconds().size());
        Map<String, Double> parts = new LinkedHashMap<>();
        roofline.rows().forEach(row -> parts.put(row.name(), row.seconds() * 1e3));
        json.put("parts", parts);
        json.put("roofline", roofline.toJson());
        json.put("products", products.toJson());
        json.put("memory", roof.memory().toJson());
        json.put("device", device.toString());
        json.put("kernels", kernels);
        json.put("compute", ComputeType.word(speed.compute()));
        json.put("parameters", parameters);
        json.put("flops_per_token", speed.flopsPerToken());
        return json;
    }

    private Map<String, Object> figures(double seconds) {
        Map<String, Object> figures = speed.figures(seconds);
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
        line(text, "model      %.1fM parameters, %.4g GFLOP a token", parameters / 1e6, speed.flopsPerToken() / 1e9);
        line(
                text,
                "step       %d tokens = %d × %d × %d, in %s, %d steps measured",
                speed.batch().tokensPerStep(),
                speed.batch().microBatch(),
                speed.batch().sequenceLength(),
                speed.batch().accumulation(1),
                ComputeType.word(speed.compute()),
                speed.stepSeconds().size());
        line(text, "");
        line(text, "           %10s %10s %8s", "ms a step", "tokens/s", "mfu");
        row(text, "best", best());
        row(text, "median", speed.median());
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
                speed.tokensPerSecond(seconds),
                100 * utilisation(seconds));
    }

    private static void line(StringBuilder text, String format, Object... arguments) {
        text.append(format.formatted(arguments).stripTrailing()).append('\n');
    }
}
