package dev.cria.report;

import dev.cria.Redaction;
import dev.cria.page.Numbers;
import dev.cria.run.Event;
import dev.cria.run.Line;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Shows runs in a terminal from their files alone: where each is, its curve, its speed and, of a single run, what happened
 * last. The curves of several runs stand one below the other on the same axes.
 */
public final class Watch {
    private static final int EVENTS = 4;
    private static final int RECENT = 50;

    /** Lines of a run's picture beside its curve: alone, and among several. */
    private static final int OTHER_LINES = 13;

    private static final int OTHER_LINES_OF_SEVERAL = 4;

    private final Run run;
    private final LossCurve curve;
    private final int width;
    private final List<String> lines = new ArrayList<>();

    private Watch(Run run, LossCurve curve, int width) {
        this.run = run;
        this.curve = curve;
        this.width = width;
    }

    /** What to show now, and whether all of it has come to its end. */
    public record Frame(String text, State state) {}

    public enum State {
        GOING,
        ENDED
    }

    /**
     * One picture of the runs, lines at most {@code width} characters long.
     *
     * @throws dev.cria.RequestException if a directory is not a run
     */
    public static Frame frame(List<Path> directories, int width, int height) {
        List<Run> runs = directories.stream()
                .map(directory -> RunReader.read(RunReader.name(directory), directory))
                .toList();
        boolean alone = runs.size() == 1;
        int wide = Math.max(40, width);
        int rows = alone
                ? Math.clamp(height - OTHER_LINES, 6, 16)
                : Math.clamp(height / runs.size() - OTHER_LINES_OF_SEVERAL, 3, 16);
        var curve = new LossCurve(runs, wide, rows);
        StringBuilder text = new StringBuilder();
        boolean ended = true;
        for (Run run : runs) {
            Watch watch = new Watch(run, curve, wide);
            text.append(alone ? watch.alone() : watch.amongSeveral());
            ended &= watch.state() == State.ENDED;
        }
        return new Frame(text.toString(), ended ? State.ENDED : State.GOING);
    }

    private State state() {
        boolean done = run.horizon().isPresent()
                && !run.steps().isEmpty()
                && run.last().step() + 1 >= run.horizon().getAsDouble();
        boolean over = !run.events().isEmpty() && run.events().getLast().isEnd();
        return done || over ? State.ENDED : State.GOING;
    }

    private String alone() {
        if (run.steps().isEmpty()) {
            return Redaction.line(run.name()) + "  no step yet\n";
        }
        head();
        lines.add("");
        if (!curve.isEmpty()) {
            lines.add(" ".repeat(LossCurve.LABEL + 1) + "loss in nats a token, logarithmic axis; crosses: validation");
            lines.addAll(curve.lines(run));
            lines.add(curve.steps());
        }
        figures();
        events();
        return text();
    }

    private String amongSeveral() {
        if (run.steps().isEmpty()) {
            return run.name() + "  no step yet\n\n";
        }
        lines.add(title() + "  " + losses() + speed().map(s -> "  " + s).orElse("") + "  eta " + eta());
        if (!curve.isEmpty()) {
            lines.addAll(curve.lines(run));
            lines.add(curve.steps());
        }
        lines.add("");
        return text();
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        // Names and words come from files, which anyone may have written.
        lines.stream().map(Redaction::line).forEach(line -> text.append(
                        line.length() > width ? line.substring(0, width) : line)
                .append('\n'));
        return text.toString();
    }

    private String title() {
        OptionalDouble horizon = run.horizon();
        String of = horizon.isPresent() ? "/" + Math.round(horizon.getAsDouble()) : "";
        String state = state() == State.ENDED ? "  ended" : "";
        return run.name() + "  step " + (run.last().step() + 1) + of + state;
    }

    private void head() {
        lines.add(title());
        run.horizon().ifPresent(horizon -> {
            double share = Math.min(1, (run.last().step() + 1) / horizon);
            int wide = width - 7;
            int full = (int) Math.round(share * wide);
            lines.add("█".repeat(full) + "░".repeat(wide - full) + " %5.1f%%".formatted(100 * share));
        });
    }

    private void figures() {
        Line.Step last = run.last();
        lines.add("");
        lines.add(losses() + "  lr " + "%.2e".formatted(last.learningRate()) + "  grad "
                + Numbers.fixed(last.gradientNorm(), 2));
        speed().ifPresent(speed -> {
            lines.add(speed + "  mfu " + Numbers.percent(Math.min(1, last.mfu())) + "%  trained "
                    + Numbers.duration(last.elapsedSeconds()) + "  eta " + eta());
            lines.add("speed  " + Braille.bars(run.points(Line.Step::tokensPerSecond), width - LossCurve.LABEL));
        });
    }

    private String losses() {
        String validation = run.validation().isEmpty()
                ? ""
                : "  val " + Numbers.fixed(run.validation().getLast().y(), 4) + " at "
                        + Math.round(run.validation().getLast().x());
        return "loss " + Numbers.fixed(run.last().loss(), 4) + validation;
    }

    private Optional<String> speed() {
        return run.points(Line.Step::tokensPerSecond).isEmpty()
                ? Optional.empty()
                : Optional.of(Numbers.compact(recentSpeed()) + " tok/s");
    }

    private double recentSpeed() {
        return Spread.median(run.steps().stream()
                .skip(Math.max(0, run.steps().size() - RECENT))
                .mapToDouble(Line.Step::tokensPerSecond)
                .filter(Double::isFinite)
                .toArray());
    }

    /** From the training time of the last steps, so that pauses and restarts don't count. */
    private String eta() {
        Line.Step earlier = run.steps().get(Math.max(0, run.steps().size() - 1 - RECENT));
        double perStep = (run.last().elapsedSeconds() - earlier.elapsedSeconds())
                / (run.last().step() - earlier.step());
        if (state() == State.ENDED || run.horizon().isEmpty() || !(perStep > 0)) {
            return "–";
        }
        return Numbers.duration((run.horizon().getAsDouble() - run.last().step() - 1) * perStep);
    }

    private void events() {
        if (!run.events().isEmpty()) {
            lines.add("");
        }
        run.events().stream()
                .skip(Math.max(0, run.events().size() - EVENTS))
                .forEach(e -> lines.add("step " + e.step() + "  " + e.name().replace('_', ' ') + details(e)));
    }

    private static String details(Event e) {
        StringBuilder words = new StringBuilder();
        e.begun().ifPresent(s -> words.append("  ")
                .append(s.ranks())
                .append(s.ranks() == 1 ? " rank  " : " ranks  ")
                .append(s.device()));
        if (e instanceof Event.Resumed resume && resume.optimizerState() == Event.OptimizerState.WITHOUT) {
            words.append("  without optimizer state");
        }
        return words.toString();
    }
}
