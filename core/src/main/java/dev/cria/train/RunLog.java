package dev.cria.train;

import dev.cria.WorkException;
import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A run's lines: log.txt, metrics.jsonl, events.jsonl and samples.jsonl. A line is written whole with one call, so what
 * a killed process leaves ends with a whole line or with one that resuming drops.
 */
public final class RunLog implements Evaluations, AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    private final FileChannel log;
    private final FileChannel metrics;
    private final FileChannel events;
    private final FileChannel samples;

    private RunLog(Path run) throws IOException {
        log = append(run.resolve("log.txt"));
        metrics = append(run.resolve("metrics.jsonl"));
        events = append(run.resolve("events.jsonl"));
        samples = append(run.resolve("samples.jsonl"));
    }

    public static RunLog open(Path run) {
        try {
            return new RunLog(run);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private static FileChannel append(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Drops what a run that resumes at a step will write again: its step lines, and evaluations after it. */
    public static void rewind(Path run, long step) {
        try {
            keep(run.resolve("log.txt"), line -> isBefore(textStep(line), line.contains(" train "), step));
            keep(run.resolve("metrics.jsonl"), line -> isBefore(jsonStep(line), line.contains("\"loss\""), step));
            keep(run.resolve("samples.jsonl"), line -> isBefore(jsonStep(line), false, step));
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
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", result.step());
        line.put("loss", result.loss());
        line.put("lr", result.learningRate());
        line.put("grad_norm", result.gradientNorm());
        line.put("tokens", result.tokens());
        line.put("tokens_per_s", rounded(result.tokensPerSecond()));
        line.put("mfu", rounded(mfu));
        line.put("elapsed_s", rounded(elapsedSeconds));
        line.putAll(extra);
        write(metrics, JSON.writeValueAsString(line));
    }

    /** The lines of an evaluation of the validation loss. */
    @Override
    public void validation(long step, double loss) {
        text("%d val %.4f".formatted(step, loss));
        write(metrics, JSON.writeValueAsString(ordered("step", step, "val_loss", loss)));
    }

    /** The line of an evaluation of benchmarks: metrics by name, by task. */
    @Override
    public void benchmarks(long step, Map<String, Map<String, Double>> results) {
        var hellaswag = results.get("hellaswag");
        if (hellaswag != null && hellaswag.containsKey("acc_norm")) {
            text("%d hella %.4f".formatted(step, hellaswag.get("acc_norm")));
        }
        write(metrics, JSON.writeValueAsString(ordered("step", step, "benchmarks", results)));
    }

    /** The line of a completion. */
    @Override
    public void sample(long step, String prompt, long seed, String text) {
        write(samples, JSON.writeValueAsString(ordered("step", step, "prompt", prompt, "seed", seed, "text", text)));
    }

    /** Something that happened, with its details as pairs of name and value. */
    public void event(String name, long step, Object... details) {
        Map<String, Object> line =
                ordered("event", name, "step", step, "time", Instant.now().toString());
        line.putAll(ordered(details));
        write(events, JSON.writeValueAsString(line));
    }

    private void text(String line) {
        write(log, line);
    }

    private static Map<String, Object> ordered(Object... pairs) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put((String) pairs[i], pairs[i + 1]);
        }
        return map;
    }

    private static double rounded(double value) {
        return Double.isFinite(value) ? Double.parseDouble(String.format(Locale.ROOT, "%.6g", value)) : 0;
    }

    /** Makes sure that the lines so far survive a power cut. */
    public void force() {
        try {
            for (FileChannel channel : List.of(log, metrics, events, samples)) {
                channel.force(false);
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private static synchronized void write(FileChannel channel, String line) {
        ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private static WorkException failed(IOException e) {
        return new WorkException(
                "the run's log cannot be written: " + e.getMessage(),
                "free some space; the newest checkpoint is whole, and --resume continues from it",
                e);
    }

    @Override
    public void close() {
        try {
            log.close();
            metrics.close();
            events.close();
            samples.close();
        } catch (IOException e) {
            throw failed(e);
        }
    }
}
