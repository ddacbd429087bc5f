package dev.cria.report;

import tools.jackson.databind.JsonNode;

/** A step's line of {@code metrics.jsonl}; NaN stands for what the line doesn't say. */
record StepLine(
        long step,
        double loss,
        double learningRate,
        double gradientNorm,
        double tokens,
        double tokensPerSecond,
        double mfu,
        double elapsedSeconds) {

    static StepLine of(JsonNode line) {
        return new StepLine(
                line.path("step").longValue(),
                Fields.numberOrNaN(line, "loss"),
                Fields.numberOrNaN(line, "lr"),
                Fields.numberOrNaN(line, "grad_norm"),
                Fields.numberOrNaN(line, "tokens"),
                Fields.numberOrNaN(line, "tokens_per_s"),
                Fields.numberOrNaN(line, "mfu"),
                Fields.numberOrNaN(line, "elapsed_s"));
    }
}
