package dev.cria.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Shows a run in a terminal from its files alone: where it is, its curves, its speed, what happened last. */
public final class Watch {
    private static final int LABEL = 7;
    private static final int EVENTS = 4;
    private static final int RECENT = 50;

    private final Run run;
    private final int width;
    private final int height;
    private final List<String> lines = new ArrayList<>();

    private Watch(Run run, int width, int height) {
        this.run = run;
        this.width = Math.max(40, width);
        this.height = Math.max(16, height);
    }

    /** What to show now, and whether the run has come to its end. */
    public record Frame(String text, State state) {}

    public enum State {
        GOING,
        ENDED
    }

    /**
     * One picture of the run, lines at most {@code width} characters long.
     *
     * @throws dev.cria.RequestException if the directory is no run
     */
    public static Frame frame(Path directory, int width, int height) {
        Run run = RunReader.read(RunReader.name(directory), directory);
        Watch watch = new Watch(run, width, height);
        return new Frame(watch.text(), watch.state());
    }

    private State state() {
        boolean done = run.horizon().isPresent()
                && !run.steps().isEmpty()
                && run.last().step() + 1 >= run.horizon().getAsDouble();
        boolean over = !run.events().isEmpty()
                && switch (run.events().getLast().kind()) {
                    case FINISHED, INTERRUPTED -> true;
                    case STARTED, RESUMED, CHECKPOINT, SKIPPED, SPIKE, OTHER -> false;
                };
        return done || over ? State.ENDED : State.GOING;
    }

    private String text() {
        if (run.steps().isEmpty()) {
            return run.name() + "  no step yet\n";
        }
        head();
        curve();
        figures();
        events();
        StringBuilder text = new StringBuilder();
        lines.forEach(line -> text.append(line.length() > width ? line.substring(0, width) : line)
                .append('\n'));
        return text.toString();
    }

    private void head() {
        long step = run.last().step() + 1;
        OptionalDouble horizon = run.horizon();
        String of = horizon.isPresent() ? "/" + Math.round(horizon.getAsDouble()) : "";
        String state = state() == State.ENDED ? "  ended" : "";
        lines.add(run.name() + "  step " + step + of + state);
        if (horizon.isPresent()) {
            double share = Math.min(1, step / horizon.getAsDouble());
            int wide = width - 7;
            int full = (int) Math.round(share * wide);
            lines.add("█".repeat(full) + "░".repeat(wide - full) + " %5.1f%%".formatted(100 * share));
        }
        lines.add("");
    }

    /** Training loss joined, validation loss as heavier crosses of dots, on a logarithmic axis. */
    private void curve() {
        Panel panel = new Panel(
                "loss",
                "loss",
                "nats a token",
                "step",
                Panel.Scale.LOG,
                Axis.Format.PLAIN,
                List.of(
                        new Series("train", Ink.SERIES_1, Series.Style.NOISY, run.points(StepLine::loss)),
                        new Series("validation", Ink.SERIES_2, Series.Style.DOTS, run.validation())),
                List.of(),
                Milestones.NONE);
        if (panel.isEmpty()) {
            return;
        }
        int columns = width - LABEL - 1;
        int rows = Math.clamp(height - 13, 6, 16);
        Axis x = panel.xAxis();
        Axis y = panel.yAxis();
        Braille picture = new Braille(columns, rows);
        picture.line(Buckets.means(run.points(StepLine::loss), columns).stream()
                .map(p -> new Point(x.place(p.x()), y.place(p.y())))
                .toList());
        for (Point p : run.validation()) {
            for (int side = -1; side <= 1; side++) {
                picture.dot(x.place(p.x()) + side * 0.5 / columns, y.place(p.y()));
                picture.dot(x.place(p.x()), y.place(p.y()) + side * 0.25 / rows);
            }
        }
        lines.add(" ".repeat(LABEL + 1) + "loss in nats a token; crosses: validation");
        label(picture.lines(), y);
        String first = Numbers.compact(x.from());
        String last = Numbers.compact(x.to());
        lines.add(" ".repeat(LABEL + 1)
                + first
                + " ".repeat(Math.max(1, columns - first.length() - last.length()))
                + last);
    }

    private void label(List<String> picture, Axis y) {
        List<Double> ticks = y.ticks(2.0 / picture.size());
        for (int row = 0; row < picture.size(); row++) {
            double top = 1 - (double) row / picture.size();
            double bottom = 1 - (row + 1.0) / picture.size();
            String label = ticks.stream()
                    .filter(t -> y.place(t) < top && y.place(t) >= bottom)
                    .map(t -> Numbers.significant(t, 3))
                    .findFirst()
                    .orElse("");
            lines.add("%6s ".formatted(label) + (label.isEmpty() ? "│" : "┤") + picture.get(row));
        }
    }

    private void figures() {
        StepLine last = run.last();
        String validation = run.validation().isEmpty()
                ? ""
                : "  val " + Numbers.fixed(run.validation().getLast().y(), 4) + " at "
                        + Math.round(run.validation().getLast().x());
        lines.add("");
        lines.add("loss " + Numbers.fixed(last.loss(), 4) + validation + "  lr " + "%.2e".formatted(last.learningRate())
                + "  grad " + Numbers.fixed(last.gradientNorm(), 2));
        List<Point> speed = run.points(StepLine::tokensPerSecond);
        if (!speed.isEmpty()) {
            lines.add(Numbers.compact(recentSpeed()) + " tok/s  mfu " + Numbers.percent(last.mfu()) + "%  trained "
                    + Numbers.duration(last.elapsedSeconds()) + "  eta " + eta());
            lines.add("speed  " + Braille.bars(speed, width - LABEL));
        }
    }

    private double recentSpeed() {
        return Spread.median(run.steps().stream()
                .skip(Math.max(0, run.steps().size() - RECENT))
                .mapToDouble(StepLine::tokensPerSecond)
                .filter(Double::isFinite)
                .toArray());
    }

    /** From the training time of the last steps, so that pauses and restarts don't count. */
    private String eta() {
        StepLine earlier = run.steps().get(Math.max(0, run.steps().size() - 1 - RECENT));
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
                .forEach(e -> lines.add("step " + e.step() + "  " + e.name() + details(e)));
    }

    private static String details(Event e) {
        StringBuilder words = new StringBuilder();
        e.ranks().ifPresent(r -> words.append("  ").append(r).append(r == 1 ? " rank" : " ranks"));
        e.device().ifPresent(d -> words.append("  ").append(d));
        if (e.kind() == Event.Kind.RESUMED && e.optimizerState() == Event.OptimizerState.WITHOUT) {
            words.append("  without optimizer state");
        }
        return words.toString();
    }
}
