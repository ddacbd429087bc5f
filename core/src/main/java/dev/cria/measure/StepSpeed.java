package dev.cria.measure;

import dev.cria.tensor.DType;
import dev.cria.train.ComputeType;
import dev.cria.train.Recipe;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How fast a recipe's step is, without what the machine could do and where the time goes.
 *
 * @param stepSeconds of each step, ascending
 */
public record StepSpeed(Recipe.Batch batch, DType compute, double flopsPerToken, List<Double> stepSeconds) {

    double best() {
        return stepSeconds.getFirst();
    }

    /** Of the step in the middle. */
    public double medianTokensPerSecond() {
        return tokensPerSecond(median());
    }

    double median() {
        int half = stepSeconds.size() / 2;
        return stepSeconds.size() % 2 == 1
                ? stepSeconds.get(half)
                : (stepSeconds.get(half - 1) + stepSeconds.get(half)) / 2;
    }

    double tokensPerSecond(double seconds) {
        return batch.tokensPerStep() / seconds;
    }

    /** The result for machines, with the keys that {@link StepReport#toJson()} has for the same figures. */
    public Map<String, Object> toJson() {
        Map<String, Object> json = figures(best());
        json.put("median", figures(median()));
        json.put("steps", stepSeconds.size());
        json.put("compute", ComputeType.word(compute));
        json.put("flops_per_token", flopsPerToken);
        return json;
    }

    /** What a step of that time is, for machines. */
    Map<String, Object> figures(double seconds) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("tokens_per_s", tokensPerSecond(seconds));
        figures.put("step_ms", seconds * 1e3);
        return figures;
    }

    /** The result for people. */
    public String toText() {
        return "%d steps of %d tokens in %s: best %,.1f ms, %,.0f tokens/s; median %,.1f ms, %,.0f tokens/s%n"
                .formatted(
                        stepSeconds.size(),
                        batch.tokensPerStep(),
                        ComputeType.word(compute),
                        best() * 1e3,
                        tokensPerSecond(best()),
                        median() * 1e3,
                        tokensPerSecond(median()));
    }
}
