package dev.cria.eval;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * One benchmark's outcome, with every document behind it.
 *
 * @param cutDocuments how many lost tokens on the left because a context was longer than the model's positions
 * @param available how many rows there were; more than documents where a time budget ran out
 */
public record BenchmarkResult(Benchmark benchmark, List<DocumentScore> documents, int cutDocuments, int available) {

    public BenchmarkResult {
        documents = List.copyOf(documents);
    }

    public Accuracy acc() {
        return share(DocumentScore::isRight);
    }

    /** Accuracy by log-likelihood for the length; BoolQ and WinoGrande have none. */
    public Optional<Accuracy> accNorm() {
        return benchmark.hasAccNorm() ? Optional.of(share(DocumentScore::isRightByLength)) : Optional.empty();
    }

    /** acc_norm where the benchmark has it, else acc: what the paper's Figure 2 draws. */
    public Accuracy headline() {
        return accNorm().orElseGet(this::acc);
    }

    /** Whether each document was right by {@link #headline()}, in order; what a paired comparison needs. */
    public boolean[] headlineRights() {
        boolean[] right = new boolean[documents.size()];
        for (int i = 0; i < right.length; i++) {
            DocumentScore score = documents.get(i);
            right[i] = benchmark.hasAccNorm() ? score.isRightByLength() : score.isRight();
        }
        return right;
    }

    /** What the right choices cost, the mean of the documents', in bits a byte. */
    public double bitsPerByte() {
        return documents.stream()
                .mapToDouble(DocumentScore::bitsPerByte)
                .average()
                .orElse(Double.NaN);
    }

    /** What guessing would reach: the mean of one over the number of choices. */
    public double chance() {
        return documents.stream()
                .mapToDouble(score -> 1.0 / score.logLikelihoods().size())
                .average()
                .orElse(Double.NaN);
    }

    /**
     * How often the model says yes and how often that is true: BoolQ's puzzle, an accuracy below that of always
     * saying yes.
     */
    public Optional<YesShare> yesShare() {
        return benchmark != Benchmark.BOOLQ
                ? Optional.empty()
                : Optional.of(new YesShare(
                        share(score -> score.prediction() == 1).value(),
                        share(score -> score.gold() == 1).value()));
    }

    /** Proportions of BoolQ's documents, 0 to 1. */
    public record YesShare(double said, double isTrue) {}

    /** The metrics under the harness' names, without its filter's suffix: acc, acc_stderr, acc_norm, acc_norm_stderr. */
    public Map<String, Double> metrics() {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("acc", acc().value());
        metrics.put("acc_stderr", acc().standardError());
        accNorm().ifPresent(norm -> {
            metrics.put("acc_norm", norm.value());
            metrics.put("acc_norm_stderr", norm.standardError());
        });
        return metrics;
    }

    private Accuracy share(Predicate<DocumentScore> condition) {
        return Accuracy.of(documents.stream().filter(condition).count(), documents.size());
    }
}
