package dev.cria.train;

import dev.cria.run.Line;
import dev.cria.run.MetricSink;
import dev.cria.run.RunFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a training says at its end: how far it came, its last losses, where they are kept, and what to try next. */
final class RunSummary implements MetricSink {
    private Optional<Line.Step> lastStep = Optional.empty();
    private Optional<Line.Validation> lastValidation = Optional.empty();

    /** Knows what the run's lines say so far. */
    RunSummary(RunFiles files) {
        files.metrics().forEach(this::take);
    }

    @Override
    public void take(Line line) {
        switch (line) {
            case Line.Step s -> lastStep = Optional.of(s);
            case Line.Validation v -> lastValidation = Optional.of(v);
            case Line.Averaged _, Line.Benchmarks _, Line.Sample _ -> {}
        }
    }

    /** @param rounds over the data so far */
    List<String> lines(Training training, Path run, long step, double rounds, Optional<Path> checkpoint) {
        long steps = training.plan().steps();
        List<String> lines = new ArrayList<>();
        lines.add("%-10s at step %d of %d%s%s%s"
                .formatted(
                        step >= steps ? "finished" : "stopped",
                        step,
                        steps,
                        lastStep.map(s -> ": training loss %.4f".formatted(s.loss()))
                                .orElse(""),
                        lastValidation
                                .map(v -> ", validation loss %.4f at step %d".formatted(v.loss(), v.step()))
                                .orElse(""),
                        rounds > 0 ? ", %.2f times over the data".formatted(rounds) : ""));
        checkpoint.ifPresent(c -> lines.add("checkpoint " + c));
        lines.add("next       "
                + (step >= steps
                        ? training.afterwards()
                        : "./cria " + training.command() + " --resume " + Invocation.quoted(run.toString())));
        return lines;
    }
}
