package dev.cria.eval.judge;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/** A judge's scores of one passage, one for each criterion, 0 to 10. */
public record Scores(Map<Criterion, Double> values) {
    static final double HIGHEST = 10;

    public Scores {
        for (Criterion criterion : Criterion.values()) {
            Double value = values.get(criterion);
            if (value == null || !(value >= 0 && value <= HIGHEST)) {
                throw new IllegalArgumentException(criterion.key() + " is " + value + ", not 0 to 10");
            }
        }
        values = Collections.unmodifiableMap(new EnumMap<>(values));
    }

    /** The mean of the six, which the paper correlates with everything else. */
    public double average() {
        return values.values().stream().mapToDouble(value -> value).average().orElseThrow();
    }
}
