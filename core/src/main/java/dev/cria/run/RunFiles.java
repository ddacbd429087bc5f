package dev.cria.run;

import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The files of a run, as any command reads them while the run may be writing: a torn last line is left out. */
public record RunFiles(Path run) {
    public static final String CONFIG = "config.yaml";
    public static final String LOG = "log.txt";
    public static final String METRICS = "metrics.jsonl";
    public static final String EVENTS = "events.jsonl";
    public static final String SAMPLES = "samples.jsonl";
    public static final String CSV = "log.csv";
    public static final String JUDGED = "judged.jsonl";
    /** Benchmarks of its checkpoints, one line each; and the folder of what stands behind the lines. */
    public static final String EVALUATIONS = "evaluations.jsonl";

    public static final String EVALUATED = "evaluations";

    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern CHECKPOINT = Pattern.compile("step-(\\d{1,18})");

    public Path config() {
        return run.resolve(CONFIG);
    }

    public Path checkpointDirectory() {
        return run.resolve("checkpoints");
    }

    /** The steps and evaluations. */
    public List<Line> metrics() {
        return lines(METRICS);
    }

    public List<Line.Sample> samples() {
        return lines(SAMPLES).stream()
                .flatMap(line -> line instanceof Line.Sample sample ? Stream.of(sample) : Stream.empty())
                .toList();
    }

    /** The validations whose loss was finite. */
    public List<Line.Validation> validations() {
        return metrics().stream()
                .flatMap(line ->
                        line instanceof Line.Validation v && Double.isFinite(v.loss()) ? Stream.of(v) : Stream.empty())
                .toList();
    }

    public List<Event> events() {
        return texts(EVENTS).stream()
                .map(RunFiles::json)
                .flatMap(Optional::stream)
                .map(Event::of)
                .toList();
    }

    /** The steps that were taken, in their order. */
    public List<Line.Step> stepLines() {
        return metrics().stream()
                .flatMap(line -> line instanceof Line.Step step ? Stream.of(step) : Stream.empty())
                .toList();
    }

    /** How many steps were taken. */
    public long steps() {
        return stepLines().size();
    }

    private List<Line> lines(String file) {
        return texts(file).stream()
                .map(RunFiles::json)
                .flatMap(Optional::stream)
                .map(Line::of)
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<JsonNode> json(String line) {
        try {
            return Optional.of(JSON.readTree(line));
        } catch (JacksonException _) {
            return Optional.empty();
        }
    }

    private List<String> texts(String file) {
        Path path = run.resolve(file);
        if (!Files.isRegularFile(path)) {
            return List.of();
        }
        try {
            return Stream.of(Files.readString(path).split("\n", -1))
                    .filter(line -> !line.isEmpty())
                    .toList();
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(path, e);
        }
    }

    /** The run's whole checkpoints, the newest first. */
    public List<Path> checkpoints() {
        return checkpointsIn(checkpointDirectory());
    }

    /** The whole checkpoints in a directory, the newest first; what has another name is not Cria's. */
    public static List<Path> checkpointsIn(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(directory)) {
            return found.filter(p -> step(p).isPresent())
                    .sorted(Comparator.comparingLong((Path p) -> step(p).orElseThrow())
                            .reversed())
                    .toList();
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(directory, e);
        }
    }

    /** The step of a checkpoint by its directory's name. */
    public static OptionalLong step(Path checkpoint) {
        Matcher name = CHECKPOINT.matcher(String.valueOf(checkpoint.getFileName()));
        return name.matches() ? OptionalLong.of(Long.parseLong(name.group(1))) : OptionalLong.empty();
    }

    /** What the checkpoint of a step is called: {@code step-0000100}. */
    public static String checkpointName(long step) {
        return String.format(Locale.ROOT, "step-%07d", step);
    }

    /** Drops what a run that resumes at a step will write again; its events stay. */
    public void rewind(long step) {
        copyTo(run, step);
        evaluated().filter(folder -> step(folder).orElse(0) > step).forEach(RunFiles::delete);
    }

    /** Gives a fork the records up to its step, and nothing else: what was found out later is not about it. */
    public void fork(Path fork, long step) {
        evaluated().filter(folder -> step(folder).orElse(0) <= step).forEach(folder -> copy(folder, fork));
        copyTo(fork, step);
        keep(EVENTS, fork, line -> json(line)
                .filter(e -> e.path("step").asLong(0) <= step)
                .isPresent());
    }

    /** The folders of what stands behind the evaluations' lines: one for each step, and what they share. */
    private Stream<Path> evaluated() {
        return list(run.resolve(EVALUATED)).filter(Files::isDirectory);
    }

    private static Stream<Path> list(Path directory) {
        if (!Files.isDirectory(directory)) {
            return Stream.empty();
        }
        try (Stream<Path> found = Files.list(directory)) {
            return found.toList().stream();
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(directory, e);
        }
    }

    private static void copy(Path folder, Path fork) {
        Path target = fork.resolve(EVALUATED).resolve(folder.getFileName());
        list(folder).forEach(file -> AtomicFiles.copy(file, target.resolve(file.getFileName())));
    }

    private static void delete(Path folder) {
        try {
            for (Path file : list(folder).toList()) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(folder, e);
        }
    }

    private void copyTo(Path target, long step) {
        keep(LOG, target, line -> isTextBefore(line, step));
        Predicate<String> isBefore =
                line -> json(line).filter(json -> isBefore(json, step)).isPresent();
        keep(METRICS, target, isBefore);
        keep(SAMPLES, target, isBefore);
        keep(EVALUATIONS, target, isBefore);
        keep(CSV, target, line -> line.equals(CsvLog.HEADER) || CsvLog.isBefore(line, step));
    }

    private static boolean isBefore(JsonNode json, long step) {
        return Line.of(json)
                .map(line -> line.isBefore(step))
                .orElse(json.path("step").asLong(Long.MAX_VALUE) <= step);
    }

    private static boolean isTextBefore(String line, long step) {
        String[] words = line.split(" ", 3);
        if (words.length < 3 || !words[0].matches("\\d{1,18}")) {
            return false;
        }
        long at = Long.parseLong(words[0]);
        return words[1].equals("train") ? at < step : at <= step;
    }

    private void keep(String file, Path target, Predicate<String> wanted) {
        if (!Files.exists(run.resolve(file))) {
            return;
        }
        List<String> kept = new ArrayList<>();
        texts(file).stream().filter(wanted).forEach(line -> kept.add(line + "\n"));
        AtomicFiles.write(target.resolve(file), String.join("", kept));
    }

    /** A file about the run: in it, or beside it as the demo has it. */
    public Path inOrBeside(String file) {
        Path own = run.resolve(file);
        return Files.exists(own) ? own : run.toAbsolutePath().normalize().resolveSibling(file);
    }
}
