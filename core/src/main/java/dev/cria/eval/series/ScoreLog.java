package dev.cria.eval.series;

import dev.cria.eval.BenchmarkResult;
import dev.cria.eval.Evaluation;
import dev.cria.eval.Question;
import dev.cria.eval.ValidationLoss;
import dev.cria.eval.series.ScoreLine.Subject;
import dev.cria.format.AtomicFiles;
import dev.cria.run.RunFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What was measured of a run's checkpoints, {@code evaluations.jsonl}, and of models beside them, {@code
 * references.jsonl}. A line is added when the file with its documents' scores is in place, so whoever was killed goes on
 * behind the last line.
 */
public final class ScoreLog {
    private static final String REFERENCES = "references.jsonl";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Path run;

    public ScoreLog(Path run) {
        this.run = run;
    }

    /** The lines about checkpoints, in the order in which they were measured; a torn last one is left out. */
    public List<ScoreLine> checkpoints() {
        return lines(run.resolve(RunFiles.EVALUATIONS));
    }

    /** The lines about other models. */
    public List<ScoreLine> references() {
        return lines(run.resolve(REFERENCES));
    }

    /**
     * Of some lines those about a subject of these weights, by their measure, the last one of each. One whose documents'
     * scores are gone is left out.
     */
    public Map<Measure, ScoreLine> about(Subject subject, String weights, List<ScoreLine> lines) {
        Map<Measure, ScoreLine> found = new LinkedHashMap<>();
        lines.stream()
                .filter(line -> line.subject().equals(subject) && line.weights().equals(weights))
                .filter(line ->
                        line.file().map(run::resolve).map(Files::isRegularFile).orElse(true))
                .forEach(line -> found.put(line.measure(), line));
        return found;
    }

    /** All lines there are. */
    public List<ScoreLine> all() {
        return Stream.concat(checkpoints().stream(), references().stream()).toList();
    }

    /** The scores behind a line, in the order of the documents. */
    public Path documents(ScoreLine line) {
        return run.resolve(line.file().orElseThrow());
    }

    /** What a line's documents ask; none where only their scores were kept. */
    public List<Question> questions(ScoreLine line) {
        Path file = run.resolve(questionsFile(line.measure()));
        return Files.isRegularFile(file) ? DocumentFile.readQuestions(file) : List.of();
    }

    /** Adds a benchmark's result, its documents first. */
    public ScoreLine add(
            Subject subject, String weights, Evaluation evaluation, Measure.Asking asking, BenchmarkResult result) {
        Measure measure = Measure.of(evaluation, result.benchmark(), asking);
        Path questions = run.resolve(questionsFile(measure));
        if (!Files.exists(questions)) {
            DocumentFile.writeQuestions(questions, evaluation.questions(result.benchmark()));
        }
        String file = file(subject, weights, measure);
        DocumentFile.write(run.resolve(file), result);
        Map<String, Double> metrics = new LinkedHashMap<>(result.metrics());
        metrics.put("bits_per_byte", result.bitsPerByte());
        metrics.put("chance", result.chance());
        var line = new ScoreLine(
                subject, weights, measure, metrics, result.documents().size(), result.available(), Optional.of(file));
        append(line);
        return line;
    }

    /** Adds a validation loss. */
    public ScoreLine add(Subject subject, String weights, Measure measure, ValidationLoss.Result result) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("loss", result.loss());
        metrics.put("perplexity", result.perplexity());
        result.bitsPerByte().ifPresent(bits -> metrics.put("bits_per_byte", bits));
        var line =
                new ScoreLine(subject, weights, measure, metrics, result.tokens(), result.tokens(), Optional.empty());
        append(line);
        return line;
    }

    private static String questionsFile(Measure measure) {
        return "%s/questions/%s-%s-%.12s.jsonl.gz"
                .formatted(RunFiles.EVALUATED, measure.task(), measure.convention(), measure.questions());
    }

    private static String file(Subject subject, String weights, Measure measure) {
        String folder =
                switch (subject) {
                    case Subject.Checkpoint checkpoint -> RunFiles.checkpointName(checkpoint.step());
                    case Subject.Reference reference ->
                        "reference-" + reference.name().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9._-]+", "-");
                };
        String settings = weights
                + measure.settings().entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .toList();
        byte[] digest = AtomicFiles.sha256().digest(settings.getBytes(StandardCharsets.UTF_8));
        return "%s/%s/%s-%s-%s.jsonl.gz"
                .formatted(
                        RunFiles.EVALUATED,
                        folder,
                        measure.task(),
                        measure.convention(),
                        HexFormat.of().formatHex(digest, 0, 6));
    }

    private void append(ScoreLine line) {
        Path file = run.resolve(line.subject() instanceof Subject.Checkpoint ? RunFiles.EVALUATIONS : REFERENCES);
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long end = endOfLines(channel);
            channel.truncate(end).position(end);
            AtomicFiles.writeFully(channel, ByteBuffer.wrap((line.toJson() + "\n").getBytes(StandardCharsets.UTF_8)));
            channel.force(false);
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(file, e);
        }
    }

    /** Where the last whole line ends: a kill may have torn the one behind it. */
    private static long endOfLines(FileChannel channel) throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        for (long end = channel.size(); end > 0; end--) {
            channel.read(one.clear(), end - 1);
            if (one.get(0) == '\n') {
                return end;
            }
        }
        return 0;
    }

    private static List<ScoreLine> lines(Path file) {
        if (!Files.isRegularFile(file)) {
            return List.of();
        }
        List<ScoreLine> lines = new ArrayList<>();
        try {
            for (String line : Files.readString(file).split("\n", -1)) {
                line(line).ifPresent(lines::add);
            }
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(file, e);
        }
        return lines;
    }

    private static Optional<ScoreLine> line(String text) {
        try {
            return text.isBlank() ? Optional.empty() : ScoreLine.of(JSON.readTree(text));
        } catch (JacksonException _) {
            return Optional.empty();
        }
    }
}
