package dev.cria.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** How the configuration of one run differs from another's. */
final class Settings {
    /** Sections and keys that say where a run is kept, on what it computes and what is looked at, not how it trains. */
    private static final Set<String> APART = Set.of(
            "out",
            "log",
            "checkpoint",
            "validation",
            "benchmarks",
            "samples",
            "guard",
            "device",
            "kernels",
            "tokenizer",
            "batch.micro_batch",
            "precision.recompute");

    private Settings() {}

    /** Each single value that differs. */
    static List<Setting> differing(Run from, Run to) {
        List<Setting> settings = new ArrayList<>();
        for (var section : to.config().properties()) {
            JsonNode before = from.config().path(section.getKey());
            if (section.getValue().isObject()) {
                section.getValue().properties().stream()
                        .filter(entry -> entry.getValue().isValueNode()
                                && !entry.getValue().equals(before.path(entry.getKey())))
                        .forEach(entry -> settings.add(new Setting(
                                section.getKey(),
                                section.getKey() + "." + entry.getKey(),
                                before.path(entry.getKey()).asString(""),
                                entry.getValue().asString())));
            } else if (section.getValue().isValueNode()
                    && !section.getKey().equals("out")
                    && !section.getValue().equals(before)) {
                settings.add(new Setting(
                        section.getKey(),
                        section.getKey(),
                        before.asString(""),
                        section.getValue().asString()));
            }
        }
        return settings;
    }

    /** Those that make it another training. */
    static List<Setting> ofTraining(Run from, Run to) {
        return differing(from, to).stream()
                .filter(setting -> !APART.contains(setting.section()) && !APART.contains(setting.key()))
                .toList();
    }

    /** A key, and its value before and after. */
    record Setting(String section, String key, String before, String after) {
        /** As {@code --set} takes it. */
        String assignment() {
            return key + "=" + after;
        }

        String words() {
            return key + " " + (before.isEmpty() ? "unset" : before) + " → " + after;
        }
    }
}
