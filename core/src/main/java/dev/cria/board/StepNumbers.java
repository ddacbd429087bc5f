package dev.cria.board;

import dev.cria.board.Curves.Metric;
import java.util.Arrays;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.json.JsonMapper;

/**
 * The numbers of a step's line that are drawn, read without making objects of the others: a board may have to read
 * millions of lines before it can show anything. Used again for each line.
 */
final class StepNumbers {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Metric[] METRICS = Metric.values();

    private long step;
    private double tokens;
    private double seconds;
    private final double[] metrics = new double[METRICS.length];

    long step() {
        return step;
    }

    double tokens() {
        return tokens;
    }

    double seconds() {
        return seconds;
    }

    double loss() {
        return metrics[Metric.LOSS.ordinal()];
    }

    /** NaN where the line has none, or one that is not finite. */
    double metric(int ordinal) {
        return metrics[ordinal];
    }

    /**
     * Reads a line; false where it is none of a step.
     *
     * @throws tools.jackson.core.JacksonException if it is no JSON
     */
    boolean read(byte[] bytes, int from, int count) {
        step = -1;
        tokens = 0;
        seconds = 0;
        Arrays.fill(metrics, Double.NaN);
        boolean isStep = false;
        try (JsonParser parser = JSON.createParser(bytes, from, count)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            for (String key = parser.nextName(); key != null; key = parser.nextName()) {
                JsonToken value = parser.nextToken();
                isStep |= key.equals("loss");
                if (value.isNumeric()) {
                    take(key, parser);
                } else {
                    parser.skipChildren();
                }
            }
        }
        return isStep && step >= 0;
    }

    private void take(String key, JsonParser parser) {
        switch (key) {
            case "step" -> step = parser.getLongValue();
            case "tokens" -> tokens = parser.getDoubleValue();
            case "elapsed_s" -> seconds = parser.getDoubleValue();
            default -> {
                for (Metric metric : METRICS) {
                    if (metric.key().equals(key)) {
                        metrics[metric.ordinal()] = parser.getDoubleValue();
                    }
                }
            }
        }
    }
}
