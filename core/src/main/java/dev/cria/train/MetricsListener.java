package dev.cria.train;

import dev.cria.Progress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/** Writes each step's lines to the log, and shows how the training goes. */
final class MetricsListener implements Listener {
    private final RunLog log;
    private final Progress.Task display;
    private final Recipe.Log settings;
    private final long steps;
    private final double flopsPerToken;
    private final double peakFlops;
    private final DoubleSupplier elapsed;
    private double recentSecondsPerStep;

    MetricsListener(
            RunLog log,
            Progress progress,
            SessionPlan plan,
            long firstStep,
            double flopsPerToken,
            double peakFlops,
            DoubleSupplier elapsed) {
        this.log = log;
        this.steps = plan.end();
        this.display = progress.begin("train", "steps", steps);
        this.display.advance(firstStep);
        this.settings = plan.log();
        this.flopsPerToken = flopsPerToken;
        this.peakFlops = peakFlops;
        this.elapsed = elapsed;
    }

    @Override
    public void afterStep(StepResult result) {
        double mfu = flopsPerToken * result.tokensPerSecond() / peakFlops;
        log.step(result, elapsed.getAsDouble(), mfu, extra(result));
        recentSecondsPerStep =
                recentSecondsPerStep == 0 ? result.seconds() : 0.9 * recentSecondsPerStep + 0.1 * result.seconds();
        display.note(line(result, mfu));
        display.advance(1);
    }

    private Map<String, Object> extra(StepResult result) {
        Map<String, Object> extra = new LinkedHashMap<>();
        if (result.skipped()) {
            extra.put("skipped", true);
        }
        if (settings.profile()) {
            result.parts().forEach((part, seconds) -> extra.put(part.key(), seconds));
            if (result.rankSeconds().size() > 1) {
                extra.put("rank_tokens_per_s", rankSpeeds(result));
            }
        }
        return extra;
    }

    /** How fast each rank's own forward and backward are: a slow one holds all of them up. */
    private static List<Long> rankSpeeds(StepResult result) {
        double tokens = (double) result.stepTokens() / result.rankSeconds().size();
        return result.rankSeconds().stream()
                .map(seconds -> Math.round(tokens / seconds))
                .toList();
    }

    private String line(StepResult r, double mfu) {
        long left = Math.round((steps - r.step() - 1) * recentSecondsPerStep);
        return "step %d/%d  loss %.4f  lr %.2e  grad %.2f  %s tok/s  mfu %.1f%%  eta %s"
                .formatted(
                        r.step(),
                        steps,
                        r.loss(),
                        r.learningRate(),
                        r.gradientNorm(),
                        thousands(r.tokensPerSecond()),
                        100 * mfu,
                        clock(left));
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
