package dev.cria.train;

import dev.cria.Progress;
import dev.cria.WorkException;
import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A run's lines: log.txt, metrics.jsonl, events.jsonl and samples.jsonl. A line is written whole with one call, so what
 * a killed process leaves ends with a whole line or with one that resuming drops. A disk that is full for a while costs
 * no line and does not stop the run.
 */
public final class RunLog implements Evaluations, AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    private final Map<Name, LineFile> files;
    private final RepeatedWarning warning;

    /** The files of a run that lines are added to. */
    private enum Name {
        LOG("log.txt"),
        METRICS("metrics.jsonl"),
        EVENTS("events.jsonl"),
        SAMPLES("samples.jsonl");

        private final String file;

        Name(String file) {
            this.file = file;
        }

        Path in(Path run) {
            return run.resolve(file);
        }
    }

    private RunLog(Map<Name, LineFile> files, Progress progress) {
        this.files = files;
        this.warning = new RepeatedWarning(progress, InstantSource.system());
    }

    static RunLog open(Path run, Progress progress) {
        Map<Name, LineFile> files = new EnumMap<>(Name.class);
        try {
            for (Name name : Name.values()) {
                files.put(name, LineFile.open(name.in(run)));
            }
            return new RunLog(files, progress);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** A log that writes nothing, for the ranks that leave it to the first. */
    static RunLog silent() {
        return new RunLog(Map.of(), Progress.silent());
    }

    /** Drops what a run that resumes at a step will write again: its step lines, and evaluations after it. */
    public static void rewind(Path run, long step) {
        try {
            keep(Name.LOG.in(run), line -> isBefore(textStep(line), line.contains(" train "), step));
            keep(Name.METRICS.in(run), line -> isBefore(jsonStep(line), line.contains("\"loss\""), step));
            keep(Name.SAMPLES.in(run), line -> isBefore(jsonStep(line), false, step));
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private static boolean isBefore(long lineStep, boolean isStepLine, long step) {
        return lineStep >= 0 && (isStepLine ? lineStep < step : lineStep <= step);
    }

    private static long textStep(String line) {
        int space = line.indexOf(' ');
        boolean whole = space > 0 && line.substring(0, space).chars().allMatch(Character::isDigit);
        return whole ? Long.parseLong(line.substring(0, space)) : -1;
    }

    private static long jsonStep(String line) {
        try {
            JsonNode step = JSON.readTree(line).path("step");
            return step.isIntegralNumber() ? step.asLong() : -1;
        } catch (JacksonException _) {
            return -1;
        }
    }

    private static void keep(Path file, Predicate<String> wanted) throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        List<String> kept = new ArrayList<>();
        for (String line : Files.readString(file).split("\n", -1)) {
            if (!line.isEmpty() && wanted.test(line)) {
                kept.add(line + "\n");
            }
        }
        AtomicFiles.write(file, String.join("", kept));
    }

    /** The lines of a finished step. */
    public void step(StepResult result, double elapsedSeconds, double mfu, Map<String, ?> extra) {
        text("%d train %.6f".formatted(result.step(), result.loss()));
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("step", result.step());
        line.put("loss", jsonNumber(result.loss()));
        line.put("lr", result.learningRate());
        line.put("grad_norm", jsonNumber(result.gradientNorm()));
        line.put("tokens", result.tokens());
        line.put("tokens_per_s", rounded(result.tokensPerSecond()));
        line.put("mfu", rounded(mfu));
        line.put("elapsed_s", rounded(elapsedSeconds));
        line.putAll(extra);
        write(Name.METRICS, JSON.writeValueAsString(line));
    }

    /** The lines of an evaluation of the validation loss. */
    @Override
    public void validation(long step, double loss) {
        text("%d val %.4f".formatted(step, loss));
        write(Name.METRICS, JSON.writeValueAsString(ordered("step", step, "val_loss", loss)));
    }

    /** The line of an evaluation of benchmarks: metrics by name, by task. */
    @Override
    public void benchmarks(long step, Map<String, Map<String, Double>> results) {
        var hellaswag = results.get("hellaswag");
        if (hellaswag != null && hellaswag.containsKey("acc_norm")) {
            text("%d hella %.4f".formatted(step, hellaswag.get("acc_norm")));
        }
        write(Name.METRICS, JSON.writeValueAsString(ordered("step", step, "benchmarks", results)));
    }

    /** The line of a completion. */
    @Override
    public void sample(long step, String prompt, long seed, String text) {
        write(
                Name.SAMPLES,
                JSON.writeValueAsString(ordered("step", step, "prompt", prompt, "seed", seed, "text", text)));
    }

    /** Something that happened, with its details as pairs of name and value. */
    public void event(String name, long step, Object... details) {
        Map<String, Object> line =
                ordered("event", name, "step", step, "time", Instant.now().toString());
        line.putAll(ordered(details));
        write(Name.EVENTS, JSON.writeValueAsString(line));
    }

    private void text(String line) {
        write(Name.LOG, line);
    }

    private static Map<String, Object> ordered(Object... pairs) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put((String) pairs[i], pairs[i + 1]);
        }
        return map;
    }

    /** JSON has no NaN and no infinity: null, which readers of tables take for a missing number. */
    private static @Nullable Double jsonNumber(double value) {
        return Double.isFinite(value) ? value : null;
    }

    private static double rounded(double value) {
        return Double.isFinite(value) ? Double.parseDouble(String.format(Locale.ROOT, "%.6g", value)) : 0;
    }

    /** Makes sure that the lines so far survive a power cut, before a checkpoint relies on them. */
    synchronized void force() {
        try {
            for (LineFile file : files.values()) {
                file.force();
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private synchronized void write(Name name, String line) {
        LineFile file = files.get(name);
        if (file == null) {
            return;
        }
        try {
            file.add(line);
        } catch (IOException e) {
            warning.say(name.file + " cannot be written (" + e.getMessage()
                    + "); the run goes on and keeps its lines in memory: free some space");
        }
    }

    private static WorkException failed(IOException e) {
        return new WorkException(
                "the run's log cannot be written: " + e.getMessage(),
                "free some space; then --resume continues from the newest checkpoint, and writes these lines again",
                e);
    }

    @Override
    public synchronized void close() {
        List<IOException> failures = new ArrayList<>();
        for (LineFile file : files.values()) {
            try {
                file.close();
            } catch (IOException e) {
                failures.add(e);
            }
        }
        if (!failures.isEmpty()) {
            throw failed(failures.getFirst());
        }
    }
}
