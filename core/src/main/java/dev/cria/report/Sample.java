package dev.cria.report;

import tools.jackson.databind.JsonNode;

/** A completion that the run wrote into {@code samples.jsonl} at a step. */
record Sample(long step, String prompt, long seed, String text) {

    static Sample of(JsonNode line) {
        return new Sample(
                line.path("step").asLong(0),
                Fields.text(line, "prompt").orElse(""),
                line.path("seed").asLong(0),
                Fields.text(line, "text").orElse(""));
    }

    /** The text without the prompt in front of it, where it is repeated there. */
    String completion() {
        return text.startsWith(prompt) ? text.substring(prompt.length()) : text;
    }
}
