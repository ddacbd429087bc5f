package dev.cria.study;

import dev.cria.page.Axis;
import dev.cria.page.Figure;
import dev.cria.page.Html;
import dev.cria.page.Ink;
import dev.cria.page.Milestones;
import dev.cria.page.Numbers;
import dev.cria.page.Panel;
import dev.cria.page.Point;
import dev.cria.page.Section;
import dev.cria.page.Section.Part;
import dev.cria.page.Series;
import dev.cria.study.Texts.Text;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What the checkpoints write: measures over the steps, and for each prompt the texts behind a slider. */
final class TextSection {
    private static final int MOST_PROMPTS = 40;

    /** A text's row. */
    record Row(
            String run,
            long step,
            String prompt,
            String text,
            int words,
            double distinct1,
            double distinct2,
            double repetition,
            @Nullable Double perplexity,
            @Nullable Double judged) {}

    private TextSection() {}

    static List<Row> rows(List<StudiedRun> runs) {
        return runs.stream()
                .flatMap(run -> run.texts().all().stream()
                        .map(text -> new Row(
                                run.name(),
                                text.step(),
                                text.prompt(),
                                text.words(),
                                text.measures().words(),
                                text.measures().distinct1(),
                                text.measures().distinct2(),
                                text.measures().repetition(),
                                Rows.known(text.perplexity().orElse(Double.NaN)),
                                Rows.known(text.judged().orElse(Double.NaN)))))
                .toList();
    }

    static Section section(List<StudiedRun> runs) {
        List<Part> parts = new ArrayList<>();
        if (runs.stream().anyMatch(run -> !run.texts().all().isEmpty())) {
            parts.add(new Part.Chart(figure(runs)));
            runs.forEach(run -> parts.addAll(sliders(run, runs.size() > 1)));
        }
        return new Section(
                "texts",
                "Texts",
                "What the checkpoints make of the same prompts. Repetition is the share of four-word sequences that"
                        + " stood in the text before, distinct-n the share of different words and pairs; perplexity is"
                        + " under the model that judge measured with.",
                parts,
                "samples: {every: 250} in the config");
    }

    private static Figure figure(List<StudiedRun> runs) {
        return new Figure(
                "texts-by-step",
                "Texts by step",
                "Means over all prompts.",
                Curves.legend(runs),
                List.of(
                        panel(
                                "repetition",
                                "Repetition",
                                runs,
                                t -> OptionalDouble.of(t.measures().repetition())),
                        panel(
                                "distinct-1",
                                "Distinct-1",
                                runs,
                                t -> OptionalDouble.of(t.measures().distinct1())),
                        panel(
                                "distinct-2",
                                "Distinct-2",
                                runs,
                                t -> OptionalDouble.of(t.measures().distinct2())),
                        panel("perplexity", "Perplexity", runs, Text::perplexity),
                        panel("judged", "Judged, mean of six criteria", runs, Text::judged)));
    }

    private static Panel panel(String id, String title, List<StudiedRun> runs, Function<Text, OptionalDouble> value) {
        List<Series> series = IntStream.range(0, runs.size())
                .mapToObj(i ->
                        new Series(runs.get(i).name(), Ink.series(i), Series.Style.DOTS, means(runs.get(i), value)))
                .toList();
        return new Panel(
                id,
                title,
                id.equals("judged") ? "0 to 10" : id.equals("perplexity") ? "e to the loss a token" : "share",
                "step",
                id.equals("perplexity") ? Panel.Scale.LOG : Panel.Scale.LINEAR,
                Axis.Format.PLAIN,
                series,
                List.of(),
                Milestones.NONE);
    }

    private static List<Point> means(StudiedRun run, Function<Text, OptionalDouble> value) {
        Map<Long, List<Double>> byStep = new TreeMap<>();
        for (Text text : run.texts().all()) {
            value.apply(text).ifPresent(v -> byStep.computeIfAbsent(text.step(), _ -> new ArrayList<>())
                    .add(v));
        }
        return byStep.entrySet().stream()
                .map(e -> new Point(
                        e.getKey(),
                        e.getValue().stream().mapToDouble(v -> v).average().orElseThrow()))
                .toList();
    }

    private static List<Part> sliders(StudiedRun run, boolean named) {
        Map<String, TreeMap<Long, List<Text>>> byPrompt = new LinkedHashMap<>();
        for (Text text : run.texts().all()) {
            byPrompt.computeIfAbsent(text.prompt(), _ -> new TreeMap<>())
                    .computeIfAbsent(text.step(), _ -> new ArrayList<>())
                    .add(text);
        }
        return byPrompt.entrySet().stream()
                .limit(MOST_PROMPTS)
                .<Part>map(e -> new Part.Card(
                        "“" + e.getKey().strip() + "”" + (named ? ", " + run.name() : ""), slider(e.getValue()), ""))
                .toList();
    }

    /** The last step's texts stand there without a script, too. */
    private static String slider(TreeMap<Long, List<Text>> byStep) {
        List<Map<String, Object>> states = byStep.entrySet().stream()
                .map(e -> Map.<String, Object>of(
                        "step", Numbers.count(e.getKey()),
                        "texts",
                                e.getValue().stream()
                                        .map(t -> t.words().strip())
                                        .toList(),
                        "note", note(e.getValue())))
                .toList();
        int last = states.size() - 1;
        List<Text> shown = byStep.lastEntry().getValue();
        return """
            <div class="slide">
            <label>step <output>%s</output><input type="range" min="0" max="%d" value="%d" aria-valuetext="step %s"></label>
            <div class="texts">%s</div>
            <p class="note">%s</p>
            <script type="application/json">%s</script>
            </div>
            """.formatted(
                Numbers.count(byStep.lastKey()),
                last,
                last,
                Numbers.count(byStep.lastKey()),
                shown.stream()
                        .map(text -> "<blockquote>" + Html.escape(text.words().strip()) + "</blockquote>")
                        .collect(Collectors.joining()),
                Html.escape(note(shown)),
                Html.scriptJson(states));
    }

    private static String note(List<Text> texts) {
        StringBuilder note = new StringBuilder("repetition %s · distinct-1 %s · distinct-2 %s"
                .formatted(
                        mean(texts, t -> OptionalDouble.of(t.measures().repetition())),
                        mean(texts, t -> OptionalDouble.of(t.measures().distinct1())),
                        mean(texts, t -> OptionalDouble.of(t.measures().distinct2()))));
        if (texts.stream().anyMatch(text -> text.perplexity().isPresent())) {
            note.append(" · perplexity ").append(mean(texts, Text::perplexity));
        }
        if (texts.stream().anyMatch(text -> text.judged().isPresent())) {
            note.append(" · judged ").append(mean(texts, Text::judged));
        }
        return note.toString();
    }

    private static String mean(List<Text> texts, Function<Text, OptionalDouble> value) {
        return Numbers.significant(
                texts.stream()
                        .map(value)
                        .flatMapToDouble(OptionalDouble::stream)
                        .average()
                        .orElse(Double.NaN),
                3);
    }
}
