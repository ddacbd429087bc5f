package dev.cria.report;

import dev.cria.eval.Benchmark;
import dev.cria.eval.PaperTables;
import java.util.Arrays;
import java.util.Optional;

/**
 * The seven benchmarks, with what guessing scores, which is one over the number of choices, and a published model.
 *
 * @see "Li, Fung and Huang 2024, Figure 2; Zhang et al. 2024, TinyLlama"
 */
enum Task {
    HELLASWAG("hellaswag", "HellaSwag", 0.25),
    ARC_EASY("arc_easy", "ARC-Easy", 0.25),
    ARC_CHALLENGE("arc_challenge", "ARC-Challenge", 0.25),
    OPENBOOKQA("openbookqa", "OpenBookQA", 0.25),
    PIQA("piqa", "PIQA", 0.5),
    BOOLQ("boolq", "BoolQ", 0.5),
    WINOGRANDE("winogrande", "WinoGrande", 0.5);

    private final String key;
    private final String title;
    private final double chance;

    Task(String key, String title, double chance) {
        this.key = key;
        this.title = title;
        this.chance = chance;
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
        return Optional.ofNullable(PaperTables.tinyLlama().get(Benchmark.named(key)))
                .orElseThrow();
    }
}
