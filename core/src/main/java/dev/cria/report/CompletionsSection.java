package dev.cria.report;

import dev.cria.report.Section.Part;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Table III: what the model makes of the same prompts as it learns. */
final class CompletionsSection {
    private static final int MOST_STEPS = 7;
    private static final int MOST_PROMPTS = 8;

    private CompletionsSection() {}

    static Section of(List<Run> runs) {
        Map<String, TreeMap<Long, Sample>> byPrompt = new LinkedHashMap<>();
        for (Sample sample : runs.getFirst().samples()) {
            byPrompt.computeIfAbsent(sample.prompt(), _ -> new TreeMap<>()).putIfAbsent(sample.step(), sample);
        }
        List<Part> parts = new ArrayList<>();
        for (var prompt : byPrompt.entrySet()) {
            if (parts.size() < MOST_PROMPTS) {
                parts.add(new Part.Grid(table(parts.size() + 1, prompt.getKey(), prompt.getValue())));
            }
        }
        return new Section(
                "completions",
                "Completions",
                "Table III. The first completion of each prompt, at steps from the beginning to the end; every sample"
                        + " is in samples.jsonl.",
                parts,
                "samples: {every: 250} in the config, and a tokenizer");
    }

    private static Table table(int number, String prompt, TreeMap<Long, Sample> samples) {
        Table.Builder table = Table.titled("table-3-" + number, "“" + prompt + "”", "Step", "Completion");
        for (long step : steps(List.copyOf(samples.keySet()))) {
            table.row(Cell.count(step), Cell.of(samples.get(step).completion().strip()));
        }
        return table.build();
    }

    /** First, last, and between them each at about the same ratio to the one before: most is learnt early. */
    private static List<Long> steps(List<Long> all) {
        if (all.size() <= MOST_STEPS) {
            return all;
        }
        List<Long> some = new ArrayList<>(List.of(all.getFirst()));
        for (int i = 1; i < MOST_STEPS; i++) {
            int place = (int) Math.round(Math.pow(all.size() - 1.0, i / (MOST_STEPS - 1.0)));
            if (!some.contains(all.get(place))) {
                some.add(all.get(place));
            }
        }
        return some;
    }
}
