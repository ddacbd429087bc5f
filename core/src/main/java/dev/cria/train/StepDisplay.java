package dev.cria.train;

import dev.cria.Progress;
import dev.cria.run.Line;
import dev.cria.run.MetricSink;
import java.time.Duration;
import java.util.Map;

/** Shows how a training is going: a line for the latest step, and one that stays for each evaluation. */
final class StepDisplay implements MetricSink {
    private final Progress progress;
    private final Progress.Task display;
    private final long steps;
    private double recentSecondsPerStep;
    private long tokens;
    private String lastSample = "";

    /** @param tokens that were seen before the first step */
    StepDisplay(Progress progress, long firstStep, long steps, long tokens) {
        this.progress = progress;
        this.steps = steps;
        this.tokens = tokens;
        this.display = progress.begin("train", "steps", steps);
        this.display.advance(firstStep);
    }

    @Override
    public void take(Line line) {
        String at = "step %d/%d".formatted(line.step(), steps);
        switch (line) {
            case Line.Step s -> show(at, s);
            case Line.Validation v -> progress.say("%s  val loss %.4f".formatted(at, v.loss()));
            case Line.Benchmarks b -> progress.say(at + scores(b));
            case Line.Averaged(Line.Validation v) ->
                progress.say("%s  val loss %.4f of the average".formatted(at, v.loss()));
            case Line.Averaged(Line.Benchmarks b) -> progress.say(at + scores(b) + " of the average");
            case Line.Averaged _ -> {}
            case Line.Sample s -> {
                String sample = s.step() + s.prompt();
                if (!sample.equals(lastSample)) {
                    progress.say("%s  sample: %s|%s"
                            .formatted(at, s.prompt(), s.text().replace('\n', ' ')));
                }
                lastSample = sample;
            }
        }
    }

    private void show(String at, Line.Step s) {
        double seconds = (s.tokens() - tokens) / s.tokensPerSecond();
        tokens = s.tokens();
        recentSecondsPerStep = recentSecondsPerStep == 0 ? seconds : 0.9 * recentSecondsPerStep + 0.1 * seconds;
        long left = Math.round((steps - s.step() - 1) * recentSecondsPerStep);
        display.note("%s  loss %.4f  lr %.2e  grad %.2f  %s tok/s  mfu %.1f%%  eta %s"
                .formatted(
                        at,
                        s.loss(),
                        s.learningRate(),
                        s.gradientNorm(),
                        thousands(s.tokensPerSecond()),
                        100 * s.mfu(),
                        clock(left)));
        display.advance(1);
    }

    private static String scores(Line.Benchmarks line) {
        StringBuilder words = new StringBuilder();
        line.tasks().forEach((task, metrics) -> words.append("  %s %.3f".formatted(task, headline(metrics))));
        return words.toString();
    }

    private static double headline(Map<String, Double> metrics) {
        return metrics.getOrDefault("acc_norm", metrics.getOrDefault("acc", Double.NaN));
    }

    private static String thousands(double rate) {
        return rate >= 10_000 ? "%.0fk".formatted(rate / 1000) : "%.0f".formatted(rate);
    }

    private static String clock(long seconds) {
        Duration left = Duration.ofSeconds(seconds);
        return left.toHours() > 0
                ? "%dh%02dm".formatted(left.toHours(), left.toMinutesPart())
                : "%dm%02ds".formatted(left.toMinutesPart(), left.toSecondsPart());
    }

    @Override
    public void close() {
        display.close();
    }
}
