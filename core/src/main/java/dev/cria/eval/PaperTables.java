package dev.cria.eval;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * The published figures of "Experience of Training a 1.7B-Parameter LLaMa Model From Scratch" (Li, Fung and Huang 2024)
 * that a run's own are set beside: Tables II and IV, the correlations drawn from them, and Figure 2's reference lines.
 */
public final class PaperTables {

    /**
     * A checkpoint's line of Tables II and IV.
     *
     * @param hellaswag acc_norm, 0 to 1
     * @param scores of the six criteria, 0 to 10: coherence, fluency, relevance, factual accuracy, depth, creativity
     * @param printedAverage as the paper prints it, rounded
     */
    public record Checkpoint(
            int step, double validationLoss, double hellaswag, List<Integer> scores, double printedAverage) {

        /** The mean of the six scores. */
        public double average() {
            return scores.stream().mapToInt(score -> score).average().orElseThrow();
        }
    }

    /**
     * A correlation with the judged average: as the paper prints it, and as its printed tables give it.
     *
     * @param with what it is drawn against: step, validation loss or HellaSwag
     */
    public record PublishedCorrelation(String with, double printedR, double printedRSquared, Correlation fromTables) {}

    private static final List<Checkpoint> CHECKPOINTS = List.of(
            new Checkpoint(2_700, 3.00, 0.319, List.of(4, 4, 5, 2, 3, 3), 3.50),
            new Checkpoint(3_300, 2.93, 0.329, List.of(5, 5, 6, 3, 4, 4), 4.50),
            new Checkpoint(5_100, 2.79, 0.377, List.of(5, 5, 6, 3, 4, 4), 4.50),
            new Checkpoint(7_500, 2.71, 0.405, List.of(6, 6, 6, 3, 4, 5), 5.00),
            new Checkpoint(15_700, 2.65, 0.469, List.of(6, 6, 7, 4, 5, 5), 5.50),
            new Checkpoint(20_000, 2.55, 0.496, List.of(6, 6, 7, 4, 5, 5), 5.50),
            new Checkpoint(23_900, 2.50, 0.502, List.of(7, 6, 7, 4, 6, 6), 6.00),
            new Checkpoint(35_000, 2.48, 0.525, List.of(7, 7, 7, 4, 6, 6), 6.17),
            new Checkpoint(40_500, 2.46, 0.532, List.of(7, 7, 7, 5, 6, 6), 6.33),
            new Checkpoint(43_250, 2.47, 0.561, List.of(7, 7, 8, 5, 7, 7), 6.83));

    private PaperTables() {}

    /** Tables II and IV by step. */
    public static List<Checkpoint> checkpoints() {
        return CHECKPOINTS;
    }

    /** The three correlations of the paper; what its tables give is a little off what it prints, so both are shown. */
    public static List<PublishedCorrelation> correlations() {
        return List.of(
                correlation("step", 0.928, 0.860, Checkpoint::step),
                correlation("validation loss", -0.945, 0.893, Checkpoint::validationLoss),
                correlation("HellaSwag", 0.963, 0.927, Checkpoint::hellaswag));
    }

    /**
     * TinyLlama 1.1B after 2T tokens, the dotted lines of Figure 2, 0 to 1: BoolQ from the paper's text, the others
     * from TinyLlama's own published table.
     */
    public static Map<Benchmark, Double> tinyLlama() {
        Map<Benchmark, Double> lines = new EnumMap<>(Benchmark.class);
        lines.put(Benchmark.HELLASWAG, 0.5463);
        lines.put(Benchmark.OPENBOOKQA, 0.3340);
        lines.put(Benchmark.WINOGRANDE, 0.5683);
        lines.put(Benchmark.ARC_CHALLENGE, 0.2807);
        lines.put(Benchmark.ARC_EASY, 0.5467);
        lines.put(Benchmark.BOOLQ, 0.6321);
        lines.put(Benchmark.PIQA, 0.7067);
        return lines;
    }

    private static PublishedCorrelation correlation(
            String with, double printedR, double printedRSquared, ToDoubleFunction<Checkpoint> x) {
        Optional<Correlation> computed = Correlation.of(
                CHECKPOINTS.stream().mapToDouble(x).toArray(),
                CHECKPOINTS.stream().mapToDouble(Checkpoint::average).toArray());
        return new PublishedCorrelation(with, printedR, printedRSquared, computed.orElseThrow());
    }
}
