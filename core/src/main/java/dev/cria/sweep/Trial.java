package dev.cria.sweep;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * One of the trainings.
 *
 * @param name of its run directory: what is varied, with its values
 * @param settings value by key, in the order in which they were asked for
 */
public record Trial(String name, SequencedMap<String, String> settings) {

    /** As {@code --set} takes them. */
    List<String> overrides() {
        return settings.entrySet().stream().map(Trial::setting).toList();
    }

    private static String setting(Map.Entry<String, String> entry) {
        return entry.getKey() + "=" + entry.getValue();
    }
}
