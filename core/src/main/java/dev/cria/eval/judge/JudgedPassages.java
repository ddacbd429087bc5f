package dev.cria.eval.judge;

import dev.cria.WorkException;
import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Passages with all that was found out about them, as the lines of {@code judged.jsonl}: one for each judgement, or one
 * without scores for a passage that nobody judged.
 *
 * @param perplexities of the passages by id under the last model, where they were computed
 */
public record JudgedPassages(List<Passage> passages, List<Judgement> judgements, Map<String, Double> perplexities) {
    private static final JsonMapper JSON = JsonMapper.shared();

    public void write(Path out) {
        StringBuilder lines = new StringBuilder();
        for (Passage passage : passages) {
            List<Judgement> own = judgements.stream()
                    .filter(judgement -> judgement.passage().id().equals(passage.id()))
                    .toList();
            if (own.isEmpty()) {
                lines.append(line(passage, Optional.empty())).append('\n');
            }
            own.forEach(judgement ->
                    lines.append(line(passage, Optional.of(judgement))).append('\n'));
        }
        AtomicFiles.write(out, lines.toString());
    }

    /** What {@link #write} wrote; none where there is no such file yet. */
    public static Optional<JudgedPassages> read(Path file) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        Map<String, Passage> passages = new LinkedHashMap<>();
        List<Judgement> judgements = new ArrayList<>();
        Map<String, Double> perplexities = new LinkedHashMap<>();
        try {
            for (String text : Files.readAllLines(file)) {
                JsonNode line = JSON.readTree(text);
                Passage passage = new Passage(
                        line.path("id").stringValue(""),
                        line.path("model").stringValue(""),
                        line.path("weights_sha256").asString(""),
                        line.path("step").asLong(0),
                        line.path("prompt").stringValue(""),
                        line.path("text").stringValue(""));
                passages.putIfAbsent(passage.id(), passage);
                line.path("perplexity").asDoubleOpt().ifPresent(value -> perplexities.put(passage.id(), value));
                if (line.has("scores")) {
                    Scores scores = Rubric.read(line.get("scores").toString());
                    judgements.add(new Judgement(passage, line.path("judge").stringValue(""), scores));
                }
            }
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(file, e);
        } catch (JacksonException | Rubric.Unreadable e) {
            throw new WorkException(file + " is not a file of judged texts: " + reason(e), "judge again", e);
        }
        return Optional.of(new JudgedPassages(List.copyOf(passages.values()), judgements, perplexities));
    }

    private static String reason(Exception e) {
        return e instanceof JacksonException json ? json.getOriginalMessage() : String.valueOf(e.getMessage());
    }

    /** With more judgements; one by the same judge of the same passage takes the place of the old one. */
    public JudgedPassages with(List<Judgement> more) {
        List<Judgement> all = new ArrayList<>(judgements);
        all.removeIf(old -> more.stream()
                .anyMatch(fresh -> fresh.judge().equals(old.judge())
                        && fresh.passage().id().equals(old.passage().id())));
        all.addAll(more);
        return new JudgedPassages(passages, all, perplexities);
    }

    private ObjectNode line(Passage passage, Optional<Judgement> judgement) {
        ObjectNode line = JSON.createObjectNode()
                .put("step", passage.step())
                .put("model", passage.model())
                .put("weights_sha256", passage.weights())
                .put("id", passage.id())
                .put("prompt", passage.prompt())
                .put("text", passage.text());
        judgement.ifPresent(given -> {
            line.put("judge", given.judge());
            ObjectNode scores = line.putObject("scores");
            given.scores().values().forEach((criterion, score) -> scores.put(criterion.key(), score));
            line.put("average", given.scores().average());
        });
        TextMeasures measures = TextMeasures.of(passage.text());
        line.put("words", measures.words())
                .put("distinct_1", measures.distinct1())
                .put("distinct_2", measures.distinct2())
                .put("repetition", measures.repetition());
        Double perplexity = perplexities.get(passage.id());
        return perplexity == null ? line : line.put("perplexity", perplexity);
    }

    /** Who judged. */
    public List<String> judges() {
        return judgements.stream().map(Judgement::judge).distinct().sorted().toList();
    }

    /** A table in Markdown, a line for each model: Table II of the paper, and the measures without a judge. */
    public String table() {
        Map<Long, Map<String, List<Passage>>> byStep = new TreeMap<>();
        for (Passage passage : passages) {
            byStep.computeIfAbsent(passage.step(), _ -> new LinkedHashMap<>())
                    .computeIfAbsent(passage.model(), _ -> new ArrayList<>())
                    .add(passage);
        }
        StringBuilder table = new StringBuilder(
                        "|   step | coher. | fluency | relev. | factual | depth | creat. | average | distinct-2 |"
                                + " repetition | perplexity | model |\n")
                .append(
                        "|-------:|-------:|--------:|-------:|--------:|------:|-------:|--------:|-----------:|-----------:|-----------:|:------|\n");
        byStep.forEach((step, models) -> models.forEach((model, texts) -> table.append(row(step, model, texts))));
        return table.toString();
    }

    private String row(long step, String model, List<Passage> texts) {
        List<String> ids = texts.stream().map(Passage::id).toList();
        List<Scores> scores = judgements.stream()
                .filter(judgement -> ids.contains(judgement.passage().id()))
                .map(Judgement::scores)
                .toList();
        StringBuilder row = new StringBuilder(String.format(Locale.ROOT, "| %6d |", step));
        int[] widths = {6, 7, 6, 7, 5, 6};
        for (Criterion criterion : Criterion.values()) {
            row.append(cell(
                    widths[criterion.ordinal()],
                    scores.stream().mapToDouble(s -> s.values().get(criterion)).average()));
        }
        row.append(cell(7, scores.stream().mapToDouble(Scores::average).average()));
        List<TextMeasures> measures =
                texts.stream().map(passage -> TextMeasures.of(passage.text())).toList();
        row.append(
                cell(10, measures.stream().mapToDouble(TextMeasures::distinct2).average()));
        row.append(
                cell(10, measures.stream().mapToDouble(TextMeasures::repetition).average()));
        row.append(cell(
                10,
                ids.stream()
                        .map(id -> Optional.ofNullable(perplexities.get(id)))
                        .flatMap(Optional::stream)
                        .mapToDouble(perplexity -> perplexity)
                        .average()));
        return row.append(' ').append(model).append(" |\n").toString();
    }

    private static String cell(int width, OptionalDouble value) {
        String shown = value.isPresent() ? String.format(Locale.ROOT, "%.2f", value.getAsDouble()) : "";
        return " " + " ".repeat(Math.max(0, width - shown.length())) + shown + " |";
    }
}
