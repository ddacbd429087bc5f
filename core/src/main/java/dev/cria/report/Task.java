package dev.cria.report;

import java.util.Arrays;
import java.util.Optional;

/**
 * The seven benchmarks, with what guessing scores, which is one over the number of choices, and a published model.
 *
 * @see "Li, Fung and Huang 2024, Figure 2; Zhang et al. 2024, TinyLlama"
 */
enum Task {
    HELLASWAG("hellaswag", "HellaSwag", 0.25, 0.5463),
    ARC_EASY("arc_easy", "ARC-Easy", 0.25, 0.5467),
    ARC_CHALLENGE("arc_challenge", "ARC-Challenge", 0.25, 0.2807),
    OPENBOOKQA("openbookqa", "OpenBookQA", 0.25, 0.3340),
    PIQA("piqa", "PIQA", 0.5, 0.7067),
    BOOLQ("boolq", "BoolQ", 0.5, 0.6321),
    WINOGRANDE("winogrande", "WinoGrande", 0.5, 0.5683);

    private final String key;
    private final String title;
    private final double chance;
    private final double tinyLlama;

    Task(String key, String title, double chance, double tinyLlama) {
        this.key = key;
        this.title = title;
        this.chance = chance;
        this.tinyLlama = tinyLlama;
    }

    static Optional<Task> of(String key) {
        return Arrays.stream(values()).filter(t -> t.key.equals(key)).findFirst();
    }

    String key() {
        return key;
    }

    String title() {
        return title;
    }

    double chance() {
        return chance;
    }

    /** TinyLlama 1.1B at 2T tokens: BoolQ from the paper's text, the others from TinyLlama's table. */
    double tinyLlama() {
        return tinyLlama;
    }
}
