package dev.cria.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** How the page names the paper and its rubric; the numbers are {@link dev.cria.eval.PaperTables}. */
final class Paper {
    static final String CITATION =
            "Li, Fung and Huang, “Experience of Training a 1.7B-Parameter LLaMa Model From" + " Scratch”, 2024";

    /** The rubric's criteria, in Table II's order, by the names that judged files use. */
    static final Map<String, String> CRITERIA = orderedCriteria();

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
