package dev.cria.bench;

import dev.cria.generate.GenerateOptions;
import dev.cria.generate.Generator;
import dev.cria.generate.Sampling;
import dev.cria.generate.TokenListener.Next;
import dev.cria.model.LanguageModel;
import dev.cria.model.Presets;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.weights.Models;
import dev.cria.weights.PartEdit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Tokens per second of greedy decoding and of reading prompts, once the code is compiled, and how near the first is to the
 * limit that memory sets: bytes of weights read for a step, or of weights and cache, ÷ the bandwidth of plainly reading as
 * many bytes as the weights have. Texts and plain reading take turns, since what a shared machine's memory gives changes
 * from second to second; medians are compared with medians. The model is a directory's, or a preset with random weights.
 *
 * <pre>{@code
 * mvn -q -B -pl bench -am package -Dquick -Dmaven.test.skip=true dependency:build-classpath -Dmdep.outputFile=target/cp
 * THP_MEM_ALLOC_ENABLE=1 java --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC \
 *   -XX:FreqInlineSize=100 -cp "bench/target/classes:$(cat bench/target/cp)" dev.cria.bench.DecodeSpeed llama-124m fp32,bf16,int8 1,4,16
 * }</pre>
 */
public final class DecodeSpeed {
    private static final int POSITIONS = 1024;
    private static final int PROMPT = 16;
    private static final int LONG_PROMPT = 240;
    private static final int NEW_TOKENS = 100;
    private static final long WARM_UP_NANOS = 4_000_000_000L;
    private static final long MEASURED_NANOS = 3_000_000_000L;

    private DecodeSpeed() {}

    /** Where a model's weights lie in memory as. */
    private enum Precision {
        FP32(4),
        BF16(2),
        INT8(1);

        private final long bytes;

        Precision(long bytes) {
            this.bytes = bytes;
        }

        /** Of a number in the cache. */
        long cacheBytes() {
            return this == BF16 ? 2 : 4;
        }

        LanguageModel load(Path directory) {
            return switch (this) {
                case FP32 -> Models.load(directory, Device.CPU, Storage.inference(DType.FLOAT32));
                case BF16 -> Models.load(directory, Device.CPU, Storage.inference(DType.BFLOAT16));
                case INT8 -> Models.loadQuantized(directory, Device.CPU, DType.FLOAT32, PartEdit.none());
            };
        }
    }

    /** @param arguments preset or model directory, precisions, batches */
    public static void main(String[] arguments) throws IOException {
        Path given = Path.of(arguments[0]);
        Path directory = Files.isDirectory(given) ? given : randomModel(arguments[0]);
        System.out.println(
                "| weights | rows | MB a step | read GB/s | tokens/s, median | best step | of the limit | of the"
                        + " limit with the cache | prompt tokens/s |");
        System.out.println("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        for (String name : arguments[1].split(",")) {
            Precision precision = Precision.valueOf(name.toUpperCase(Locale.ROOT));
            try (LanguageModel model = precision.load(directory)) {
                for (String batch : arguments[2].split(",")) {
                    measure(model, precision, Integer.parseInt(batch));
                }
            }
        }
    }

    private static Path randomModel(String preset) throws IOException {
        Path directory = Files.createTempDirectory("decode-speed");
        var config = Presets.resolve(Map.of("preset", preset), POSITIONS);
        try (LanguageModel model = Models.create(config, Device.CPU, Storage.inference(DType.FLOAT32), 1337)) {
            for (Path file : Models.save(model, directory, DType.FLOAT32)) {
                file.toFile().deleteOnExit();
            }
        }
        directory.toFile().deleteOnExit();
        return directory;
    }

    private static void measure(LanguageModel model, Precision precision, int batch) {
        long bytes = model.config().matrixParameterCount() * precision.bytes;
        var generator = new Generator(model, Kernels.of(Device.CPU, Kernels.Choice.AUTO));
        int tokens = Math.min(model.config().positions() - PROMPT, NEW_TOKENS);
        List<Double> steps = new ArrayList<>();
        List<Double> reads = new ArrayList<>();
        try (var memory = new ReadBandwidth(bytes)) {
            long begun = System.nanoTime();
            while (System.nanoTime() - begun < WARM_UP_NANOS) {
                steps(generator, model, tokens, batch);
            }
            begun = System.nanoTime();
            while (System.nanoTime() - begun < MEASURED_NANOS) {
                reads.addAll(memory.passes());
                steps.addAll(steps(generator, model, tokens, batch));
            }
        }
        double step = median(steps);
        double bandwidth = bytes / median(reads);
        var heads = model.config().heads();
        double cached = 2.0
                * batch
                * (PROMPT + tokens / 2.0)
                * heads.kvWidth()
                * model.config().layers();
        System.out.printf(
                "| %s | %d | %.0f | %.1f | %.1f | %.1f | %.0f%% | %.0f%% | %.0f |%n",
                precision,
                batch,
                bytes / 1e6,
                bandwidth / 1e9,
                batch / step,
                batch / Collections.min(steps),
                100 * bytes / bandwidth / step,
                100 * (bytes + cached * precision.cacheBytes()) / bandwidth / step,
                promptSpeed(generator, model));
    }

    private static double median(List<Double> seconds) {
        return seconds.stream().sorted().toList().get(seconds.size() / 2);
    }

    /** Seconds from token to token. */
    private static List<Double> steps(Generator generator, LanguageModel model, int tokens, int batch) {
        List<Double> steps = new ArrayList<>();
        long[] last = {0};
        generator.generate(prompt(PROMPT), options(model, tokens, batch), (row, _) -> {
            if (row == 0) {
                long now = System.nanoTime();
                if (last[0] != 0) {
                    steps.add((now - last[0]) / 1e9);
                }
                last[0] = now;
            }
            return Next.CONTINUE;
        });
        return steps;
    }

    private static double promptSpeed(Generator generator, LanguageModel model) {
        double best = Double.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            long begun = System.nanoTime();
            generator.generate(prompt(LONG_PROMPT), options(model, 1, 1));
            best = Math.min(best, (System.nanoTime() - begun) / 1e9);
        }
        return LONG_PROMPT / best;
    }

    private static int[] prompt(int length) {
        int[] ids = new int[length];
        Arrays.setAll(ids, i -> 17 + 31 * i % 1000);
        return ids;
    }

    private static GenerateOptions options(LanguageModel model, int tokens, int count) {
        return new GenerateOptions(
                tokens, Sampling.greedy(), 1, count, model.config().vocabSize(), Set.of());
    }
}
