package dev.cria.report;

import dev.cria.page.Cell;
import dev.cria.page.Section;
import dev.cria.page.Section.Part;
import dev.cria.page.Table;
import dev.cria.run.Line;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Table III: what the model makes of the same prompts as it learns. */
final class CompletionsSection {
    private static final int MOST_STEPS = 7;
    private static final int MOST_PROMPTS = 8;

    private CompletionsSection() {}

    static Section of(List<Run> runs) {
        Map<String, TreeMap<Long, Line.Sample>> byPrompt = new LinkedHashMap<>();
        for (Line.Sample sample : runs.getFirst().samples()) {
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

    private static Table table(int number, String prompt, TreeMap<Long, Line.Sample> samples) {
        Table.Builder table = Table.titled("table-3-" + number, "“" + prompt + "”", "Step", "Completion");
        List<Line.Sample> all = List.copyOf(samples.values());
        for (int place : places(all.size())) {
            Line.Sample sample = all.get(place);
            table.row(Cell.count(sample.step()), Cell.of(sample.completion().strip()));
        }
        return table.build();
    }

    /** First, last, and between them each at about the same ratio to the one before: most is learnt early. */
    private static List<Integer> places(int count) {
        if (count <= MOST_STEPS) {
            return IntStream.range(0, count).boxed().toList();
        }
        IntStream spread = IntStream.range(1, MOST_STEPS)
                .map(i -> (int) Math.round(Math.pow(count - 1.0, i / (MOST_STEPS - 1.0))));
        return IntStream.concat(IntStream.of(0), spread).distinct().boxed().toList();
    }
}
