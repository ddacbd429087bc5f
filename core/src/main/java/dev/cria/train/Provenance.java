package dev.cria.train;

import java.util.Map;
import java.util.Objects;

/**
 * What a checkpoint was trained with, so that a resumed run can say what is different.
 *
 * @param directory in which the process ran: what relative paths are relative to
 * @param settings each key of the configuration by its path
 * @param inputs hashes of the tokenizer and of each file of the data, by name
 */
public record Provenance(String directory, Map<String, String> settings, Map<String, String> inputs) {
    /** That of a checkpoint which does not say. */
    static final Provenance UNKNOWN = new Provenance("", Map.of(), Map.of());

    public Provenance {
        directory = Objects.requireNonNullElse(directory, "");
        settings = Objects.requireNonNullElse(settings, Map.of());
        inputs = Objects.requireNonNullElse(inputs, Map.of());
    }

    boolean isKnown() {
        return !settings.isEmpty();
    }
}
