package dev.cria.eval.judge;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * How far judges agree: Krippendorff's alpha with the interval metric, 1 − D_o / D_e, where the disagreements are mean
 * squared differences of the scores within a passage and of all scores among each other. 1 is full agreement, 0 what
 * chance gives. It allows any number of judges and missing scores, where kappa takes two judges and all scores.
 *
 * @see "Krippendorff 2011, Computing Krippendorff's Alpha-Reliability"
 */
public final class Agreement {
    private Agreement() {}

    /** For each criterion; empty where no passage has two judges, or all scores are equal. */
    public static Map<Criterion, OptionalDouble> of(List<Judgement> judgements) {
        Map<Criterion, OptionalDouble> alphas = new LinkedHashMap<>();
        for (Criterion criterion : Criterion.values()) {
            Map<String, List<Double>> byPassage = new LinkedHashMap<>();
            for (Judgement judgement : judgements) {
                byPassage
                        .computeIfAbsent(judgement.passage().id(), _ -> new ArrayList<>())
                        .add(judgement.scores().values().get(criterion));
            }
            alphas.put(criterion, alpha(List.copyOf(byPassage.values())));
        }
        return alphas;
    }

    /** @param units the scores that each unit got; those of a single judge tell nothing and are left out */
    static OptionalDouble alpha(List<List<Double>> units) {
        List<List<Double>> paired =
                units.stream().filter(unit -> unit.size() > 1).toList();
        List<Double> all = paired.stream().flatMap(List::stream).toList();
        double observed = paired.stream()
                        .mapToDouble(unit -> squaredDifferences(unit) / (unit.size() - 1))
                        .sum()
                / all.size();
        double expected = squaredDifferences(all) / (all.size() * (all.size() - 1.0));
        return expected > 0 ? OptionalDouble.of(1 - observed / expected) : OptionalDouble.empty();
    }

    /** Over all ordered pairs. */
    private static double squaredDifferences(List<Double> values) {
        double sum = 0;
        for (double a : values) {
            for (double b : values) {
                sum += (a - b) * (a - b);
            }
        }
        return sum;
    }
}
