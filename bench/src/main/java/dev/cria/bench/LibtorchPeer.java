package dev.cria.bench;

import dev.cria.bench.LibtorchModel.Attention;
import dev.cria.bench.LibtorchStep.Compute;
import dev.cria.model.LanguageModel;
import dev.cria.model.ModelConfig;
import dev.cria.model.Presets;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.library.Libraries;
import dev.cria.weights.Models;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/**
 * The training step of Cria's presets by libtorch's autograd: PyTorch's engine without Python, so that there is a peer
 * wherever Cria runs. It takes whichever attention is faster here. {@code scripts/compare-peers} runs it; its options and its line of JSON are those of
 * {@code bench/peers/cpu_peer.py}.
 */
@Command(name = "libtorch-peer", mixinStandardHelpOptions = true)
public final class LibtorchPeer implements Callable<Integer> {
    private static final int[] PEAK_SIZES = {1024, 2048, 4096};
    private static final double PEAK_SECONDS = 0.2;
    private static final int WARM_UP = 2;
    private static final int LEAST = 3;

    @Option(names = "--preset", defaultValue = "llama-124m")
    private String preset = "";

    @Option(names = "--micro-batch", defaultValue = "4")
    private int microBatch;

    @Option(names = "--sequence-length", defaultValue = "256")
    private int sequenceLength;

    @Option(names = "--compute", defaultValue = "bf16", description = "fp32 or bf16, which is autocast.")
    private Compute compute = Compute.BF16;

    @Option(names = "--seconds", defaultValue = "8", description = "How long to measure, after the warm-up.")
    private double seconds;

    @Option(names = "--steps", defaultValue = "40", description = "How many steps to measure at most.")
    private int steps;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new LibtorchPeer())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }

    @Override
    public Integer call() {
        ModelConfig config = Presets.resolve(Map.of("preset", preset), sequenceLength);
        LibtorchWeights weights = weights(config);
        double fp32 = gemmPeak(ScalarType.Float);
        double bf16 = gemmPeak(ScalarType.BFloat16);
        var step = new LibtorchStep(weights.all(), compute);
        var random = new SplittableRandom(1337);
        Tensor ids = randomIds(random, config.vocabSize());
        Tensor targets = randomIds(random, config.vocabSize());
        double firstLoss = step.run(LibtorchModel.of(config, weights, Attention.FUSED), ids, targets);
        Map<Double, Attention> warm = new TreeMap<>();
        for (Attention attention : Attention.values()) {
            LibtorchModel model = LibtorchModel.of(config, weights, attention);
            warm.put(measure(WARM_UP, 0, () -> step.run(model, ids, targets)).getFirst(), attention);
        }
        Attention faster = warm.values().iterator().next();
        LibtorchModel model = LibtorchModel.of(config, weights, faster);
        List<Double> times = measure(LEAST, seconds, () -> step.run(model, ids, targets));
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("peer", "libtorch " + Libraries.libtorch());
        result.put("compute", compute.name().toLowerCase(Locale.ROOT));
        result.put("preset", preset);
        result.put("micro_batch", microBatch);
        result.put("sequence_length", sequenceLength);
        bf16 = Math.max(bf16, gemmPeak(ScalarType.BFloat16));
        result.put("gemm_gflops", Map.of("fp32", fp32 / 1e9, "bf16", bf16 / 1e9));
        result.put("tokens_per_s", Map.of("best", rate(times.getFirst()), "median", rate(times.get(times.size() / 2))));
        result.put("attention", faster.name().toLowerCase(Locale.ROOT));
        result.put("steps", times.size());
        result.put("flops_per_token", config.flopsPerToken(sequenceLength));
        result.put("first_loss", firstLoss);
        System.out.println(new JsonMapper().writeValueAsString(result));
        return 0;
    }

    /** The seconds of each of at least so many steps, ascending. */
    private List<Double> measure(int least, double atLeastSeconds, Runnable step) {
        List<Double> times = new ArrayList<>();
        long end = System.nanoTime() + (long) (atLeastSeconds * 1e9);
        while (times.size() < least || times.size() < steps && System.nanoTime() < end) {
            long begun = System.nanoTime();
            step.run();
            times.add((System.nanoTime() - begun) / 1e9);
        }
        times.sort(null);
        return times;
    }

    private double rate(double stepSeconds) {
        return microBatch * (double) sequenceLength / stepSeconds;
    }

    private static LibtorchWeights weights(ModelConfig config) {
        try (LanguageModel model = Models.create(config, Device.CPU, Storage.inference(DType.FLOAT32), 1337)) {
            return new LibtorchWeights(model);
        }
    }

    private Tensor randomIds(SplittableRandom random, int vocabulary) {
        long[] ids =
                random.longs((long) microBatch * sequenceLength, 0, vocabulary).toArray();
        return LibtorchWeights.copy(MemorySegment.ofArray(ids), ScalarType.Long, microBatch, sequenceLength);
    }

    /** Operations a second of the best product of square matrices of several sizes. */
    private static double gemmPeak(ScalarType type) {
        double best = 0;
        for (int size : PEAK_SIZES) {
            try (var _ = new PointerScope()) {
                var options = new TensorOptions(type);
                Tensor x = torch.randn(new long[] {size, size}).to(type);
                Tensor w = torch.randn(new long[] {size, size}).to(type).t();
                Tensor y = torch.zeros(new long[] {size, size}, options);
                long end = System.nanoTime() + (long) (PEAK_SECONDS * 1e9);
                while (System.nanoTime() < end) {
                    long begun = System.nanoTime();
                    torch.mm_out(y, x, w);
                    best = Math.max(best, 2.0 * size * size * size / (System.nanoTime() - begun) * 1e9);
                }
            }
        }
        return best;
    }
}
