package dev.cria.board;

import dev.cria.board.Curves.Bucket;
import dev.cria.board.Curves.Metric;
import dev.cria.run.Event;
import dev.cria.run.Line;
import dev.cria.run.RunFiles;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** What the board's page asks for, as JSON. */
public record BoardJson(Board board) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int LAST_EVENTS = 50;
    private static final int LAST_SAMPLES = 8;
    private static final long LARGEST_SAMPLES_BYTES = 64 << 20;

    /** Every run with its state, its newest numbers, its configuration and what is wrong. */
    public String overview() {
        Instant now = Instant.now();
        List<Object> runs = new ArrayList<>();
        for (BoardRun run : board.runs()) {
            Map<String, @Nullable Object> one = new LinkedHashMap<>();
            one.put("name", run.name());
            one.put("state", run.state(now).name().toLowerCase(Locale.ROOT));
            one.put("problems", run.problems(now));
            run.index().last().ifPresent(last -> {
                one.put("step", last.step());
                one.put("loss", finite(last.loss()));
                one.put("tokens", last.tokens());
                one.put("tokens_per_s", finite(last.tokensPerSecond()));
                one.put("elapsed_s", finite(last.elapsedSeconds()));
            });
            one.put("steps", run.config().getOrDefault("schedule.steps", ""));
            lastValidation(run).ifPresent(v -> one.put("val_loss", finite(v.loss())));
            one.put("config", run.config());
            runs.add(one);
        }
        return JSON.writeValueAsString(Map.of("runs", runs));
    }

    private static Optional<Line.Validation> lastValidation(BoardRun run) {
        return run.index().evaluations().reversed().stream()
                .flatMap(line -> line instanceof Line.Validation v ? Stream.of(v) : Stream.empty())
                .findFirst();
    }

    /** A run's curves; empty where there is no such run. */
    public Optional<String> curves(String name) {
        return board.run(name).map(this::curves);
    }

    private String curves(BoardRun run) {
        synchronized (run.index()) {
            List<Bucket> buckets = run.index().curves().buckets();
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("step", numbers(buckets, Bucket::step));
            json.put("tokens", numbers(buckets, Bucket::tokens));
            json.put("seconds", numbers(buckets, Bucket::seconds));
            for (Metric metric : Metric.values()) {
                json.put(
                        metric.key(),
                        Map.of(
                                "mean", numbers(buckets, b -> b.mean(metric)),
                                "least", numbers(buckets, b -> b.least(metric)),
                                "greatest", numbers(buckets, b -> b.greatest(metric))));
            }
            json.put("evaluations", evaluations(run));
            return JSON.writeValueAsString(json);
        }
    }

    /** Series of points {@code [step, value]} by name: the validation loss, and each benchmark's accuracy. */
    private static Map<String, List<List<Number>>> evaluations(BoardRun run) {
        Map<String, List<List<Number>>> series = new LinkedHashMap<>();
        for (Line line : run.index().evaluations()) {
            if (line instanceof Line.Validation v && Double.isFinite(v.loss())) {
                add(series, "val_loss", v.step(), v.loss());
            } else if (line instanceof Line.Benchmarks b) {
                b.tasks().forEach((task, metrics) -> Optional.ofNullable(
                                metrics.getOrDefault("acc_norm", metrics.get("acc")))
                        .ifPresent(value -> add(series, task, b.step(), value)));
            }
        }
        return series;
    }

    private static void add(Map<String, List<List<Number>>> series, String name, long step, double value) {
        series.computeIfAbsent(name, _ -> new ArrayList<>()).add(List.of(step, value));
    }

    private static List<@Nullable Double> numbers(List<Bucket> buckets, ToDoubleFunction<Bucket> value) {
        List<@Nullable Double> numbers = new ArrayList<>();
        buckets.forEach(bucket -> numbers.add(finite(value.applyAsDouble(bucket))));
        return numbers;
    }

    /** To six digits, which no screen shows more of. */
    private static @Nullable Double finite(double value) {
        if (!Double.isFinite(value)) {
            return null;
        }
        int digits = value == 0 ? 0 : 5 - (int) Math.floor(Math.log10(Math.abs(value)));
        // Powers of ten are exact up to 10^22, so that the quotient is the double that is nearest to the decimal.
        double power = Math.pow(10, Math.min(22, Math.abs(digits)));
        return digits >= 0 ? Math.rint(value * power) / power : Math.rint(value / power) * power;
    }

    /** A run's last events and samples; empty where there is no such run. */
    public Optional<String> details(String name) {
        return board.run(name).map(run -> {
            List<Object> events = new ArrayList<>();
            List<Event> all = run.events();
            for (Event event : all.subList(Math.max(0, all.size() - LAST_EVENTS), all.size())) {
                events.add(Map.of("event", event.name(), "step", event.step()));
            }
            return JSON.writeValueAsString(Map.of("events", events, "samples", samples(run)));
        });
    }

    private static List<Object> samples(BoardRun run) {
        var files = new RunFiles(run.directory());
        if (run.directory().resolve(RunFiles.SAMPLES).toFile().length() > LARGEST_SAMPLES_BYTES
                || !Files.isRegularFile(run.directory().resolve(RunFiles.SAMPLES))) {
            return List.of();
        }
        List<Line.Sample> all = files.samples();
        List<Object> samples = new ArrayList<>();
        for (Line.Sample sample : all.subList(Math.max(0, all.size() - LAST_SAMPLES), all.size())) {
            samples.add(sample.toJson());
        }
        return samples;
    }
}
