package dev.cria.eval;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that was measured of one model.
 *
 * @param model its directory
 * @param config how it was measured, for the JSON
 */
public record Evaluated(
        String model,
        List<BenchmarkResult> benchmarks,
        Optional<ValidationLoss.Result> validation,
        Map<String, Object> config) {

    /** For each benchmark, this model (A) against another (B) on the same documents. */
    public Map<Benchmark, PairedComparison> against(Evaluated other) {
        Map<Benchmark, PairedComparison> comparisons = new LinkedHashMap<>();
        for (BenchmarkResult mine : benchmarks) {
            other.benchmarks().stream()
                    .filter(theirs -> theirs.benchmark() == mine.benchmark())
                    .forEach(theirs -> comparisons.put(
                            mine.benchmark(), PairedComparison.of(mine.headlineRights(), theirs.headlineRights())));
        }
        return comparisons;
    }
}
