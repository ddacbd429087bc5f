package dev.cria.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Published values to stand beside our own.
 *
 * @see "Li, Fung and Huang 2024, Experience of Training a 1.7B-Parameter LLaMa Model From Scratch, Tables II and IV"
 */
final class Paper {
    static final String CITATION =
            "Li, Fung and Huang, “Experience of Training a 1.7B-Parameter LLaMa Model From" + " Scratch”, 2024";

    /** The rubric's criteria, in Table II's order, by the names that judged files use. */
    static final Map<String, String> CRITERIA = orderedCriteria();

    /** A row of Table IV and, for the same checkpoint, of Table II: C, F, R, FA, D, Cr. */
    record Checkpoint(long step, double validationLoss, double hellaSwag, List<Integer> scores, double average) {}

    static final List<Checkpoint> CHECKPOINTS = List.of(
            new Checkpoint(2700, 3.00, 0.319, List.of(4, 4, 5, 2, 3, 3), 3.50),
            new Checkpoint(3300, 2.93, 0.329, List.of(5, 5, 6, 3, 4, 4), 4.50),
            new Checkpoint(5100, 2.79, 0.377, List.of(5, 5, 6, 3, 4, 4), 4.50),
            new Checkpoint(7500, 2.71, 0.405, List.of(6, 6, 6, 3, 4, 5), 5.00),
            new Checkpoint(15700, 2.65, 0.469, List.of(6, 6, 7, 4, 5, 5), 5.50),
            new Checkpoint(20000, 2.55, 0.496, List.of(6, 6, 7, 4, 5, 5), 5.50),
            new Checkpoint(23900, 2.50, 0.502, List.of(7, 6, 7, 4, 6, 6), 6.00),
            new Checkpoint(35000, 2.48, 0.525, List.of(7, 7, 7, 4, 6, 6), 6.17),
            new Checkpoint(40500, 2.46, 0.532, List.of(7, 7, 7, 5, 6, 6), 6.33),
            new Checkpoint(43250, 2.47, 0.561, List.of(7, 7, 8, 5, 7, 7), 6.83));

    private Paper() {}

    private static Map<String, String> orderedCriteria() {
        Map<String, String> criteria = new LinkedHashMap<>();
        criteria.put("coherence", "Coherence");
        criteria.put("fluency", "Fluency");
        criteria.put("relevance", "Relevance");
        criteria.put("factual_accuracy", "Factual accuracy");
        criteria.put("depth", "Depth");
        criteria.put("creativity", "Creativity");
        return Collections.unmodifiableMap(criteria);
    }
}
