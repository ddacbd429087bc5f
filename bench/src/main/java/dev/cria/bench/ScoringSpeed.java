package dev.cria.bench;

import dev.cria.Progress;
import dev.cria.eval.BenchmarkResult;
import dev.cria.eval.Convention;
import dev.cria.eval.DocumentScore;
import dev.cria.eval.Evaluation;
import dev.cria.eval.ModelScorer;
import dev.cria.eval.Request;
import dev.cria.eval.Scorer;
import dev.cria.model.LanguageModel;
import dev.cria.model.Presets;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.weights.Models;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * How much faster HellaSwag is scored in planned batches than with one forward a choice, and how far the results lie
 * apart. The model is a preset with random weights. Either way the head is computed at scored positions only.
 *
 * <pre>{@code
 * mvn -q -B -pl bench -am package -Dquick -Dmaven.test.skip=true dependency:build-classpath -Dmdep.outputFile=target/cp
 * java --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
 *   -cp "bench/target/classes:$(cat bench/target/cp)" dev.cria.bench.ScoringSpeed llama-124m BENCHMARKS 1000 FLOAT32
 * }</pre>
 */
public final class ScoringSpeed {
    private static final int POSITIONS = 1024;
    private static final int WARM_UP = 8;

    private ScoringSpeed() {}

    /** @param arguments preset, directory of rows, number of rows, type */
    public static void main(String[] arguments) {
        var config = Presets.resolve(Map.of("preset", arguments[0]), POSITIONS);
        Path rows = Path.of(arguments[1]);
        int limit = Integer.parseInt(arguments[2]);
        DType type = DType.valueOf(arguments[3]);
        try (LanguageModel model = Models.create(config, Device.CPU, Storage.inference(type), 1337)) {
            Scorer planned = new ModelScorer(model, Kernels.of(Device.CPU, Kernels.Choice.AUTO));
            Scorer alone = new OneByOne(planned);
            Evaluation few = hellaSwag(rows, WARM_UP);
            few.run(planned, Progress.silent());
            few.run(alone, Progress.silent());
            Evaluation all = hellaSwag(rows, limit);
            Timed fast = timed(all, planned);
            Timed slow = timed(all, alone);
            report(fast, slow);
        }
    }

    private static Evaluation hellaSwag(Path rows, int limit) {
        return Evaluation.load(rows, List.of("hellaswag"), limit, Convention.HARNESS, Tokenizers.gpt2());
    }

    /** One forward a request. */
    private record OneByOne(Scorer scorer) implements Scorer {
        @Override
        public int positions() {
            return scorer.positions();
        }

        @Override
        public double[] logLikelihoods(List<Request> requests, Progress.Task progress) {
            return requests.stream()
                    .flatMapToDouble(request -> DoubleStream.of(scorer.logLikelihoods(List.of(request), progress)))
                    .toArray();
        }
    }

    private record Timed(BenchmarkResult result, double seconds) {}

    private static Timed timed(Evaluation evaluation, Scorer scorer) {
        long start = System.nanoTime();
        BenchmarkResult result = evaluation.run(scorer, Progress.silent()).getFirst();
        return new Timed(result, (System.nanoTime() - start) / 1e9);
    }

    private static void report(Timed fast, Timed slow) {
        List<DocumentScore> a = fast.result().documents();
        List<DocumentScore> b = slow.result().documents();
        double apart = IntStream.range(0, a.size())
                .mapToDouble(i -> apart(a.get(i), b.get(i)))
                .max()
                .orElseThrow();
        long different = IntStream.range(0, a.size())
                .filter(i -> a.get(i).prediction() != b.get(i).prediction()
                        || a.get(i).predictionByLength() != b.get(i).predictionByLength())
                .count();
        System.out.printf(
                "%d rows: planned %.1f s, one forward a choice %.1f s, %.2f times as fast%n",
                a.size(), fast.seconds(), slow.seconds(), slow.seconds() / fast.seconds());
        System.out.printf(
                "log-likelihoods at most %.1e apart, %d predictions differ; acc %.4f and %.4f, acc_norm %.4f and"
                        + " %.4f%n",
                apart,
                different,
                fast.result().acc().value(),
                slow.result().acc().value(),
                fast.result().headline().value(),
                slow.result().headline().value());
    }

    private static double apart(DocumentScore a, DocumentScore b) {
        return IntStream.range(0, a.logLikelihoods().size())
                .mapToDouble(i ->
                        Math.abs(a.logLikelihoods().get(i) - b.logLikelihoods().get(i)))
                .max()
                .orElseThrow();
    }
}
