package dev.cria.report;

import dev.cria.page.Axis;
import dev.cria.page.Figure;
import dev.cria.page.Ink;
import dev.cria.page.Mark;
import dev.cria.page.Milestones;
import dev.cria.page.Numbers;
import dev.cria.page.Panel;
import dev.cria.page.Point;
import dev.cria.page.Series;
import dev.cria.run.Line;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Loss and gradient norm close around each restart, and the loss over that of the run which was not broken. */
final class RestartFigure {
    private static final int MOST_RESTARTS = 4;
    private static final int WINDOWS_BEFORE = 2;
    private static final int WINDOWS_AFTER = 5;

    private final List<Run> runs;
    private final Milestones milestones;
    private final List<RestartCost> here;
    private final List<Departure> departures;
    private final long at;

    private RestartFigure(List<Run> runs, List<RestartCost> here, List<Departure> departures) {
        this.runs = runs;
        this.departures = departures;
        this.milestones = MilestoneReader.of(runs);
        this.here = here;
        this.at = here.getFirst().resume().step();
    }

    /** The restarts with the highest spikes, if there are many. */
    static Figure of(List<Run> runs, List<RestartCost> costs, List<Departure> departures) {
        List<Long> steps = costs.stream()
                .sorted(Comparator.comparingDouble(RestartCost::lossHeight).reversed())
                .map(c -> c.resume().step())
                .distinct()
                .limit(MOST_RESTARTS)
                .sorted()
                .toList();
        List<Panel> panels = new ArrayList<>();
        for (long step : steps) {
            List<RestartCost> here =
                    costs.stream().filter(c -> c.resume().step() == step).toList();
            panels.addAll(new RestartFigure(runs, here, departures).panels());
        }
        return new Figure(
                "restarts",
                "Around each restart",
                "Every step, not thinned. Dotted: the level before the restart, as the table defines it, and 0.",
                Legend.of(runs),
                panels);
    }

    private List<Panel> panels() {
        RestartCost first = here.getFirst();
        return List.of(
                panel(
                        "loss",
                        "Training loss around step " + Numbers.count(at),
                        "nats a token",
                        values(Line.Step::loss),
                        first.loss().median()),
                panel(
                        "gradient-norm",
                        "Gradient norm around step " + Numbers.count(at),
                        "before clipping",
                        values(Line.Step::gradientNorm),
                        first.gradientNorm().median()),
                panel(
                        "excess",
                        "Loss over the unbroken run’s, from step " + Numbers.count(at),
                        "nats a token, the same data in both",
                        excess(),
                        0));
    }

    private List<Series> values(ToDoubleFunction<Line.Step> value) {
        return Legend.each(runs, Series.Style.LINE, run -> departsHere(run) ? List.of() : near(run.points(value)));
    }

    /** What such a run does from here on comes of its other settings. */
    private boolean departsHere(Run run) {
        return departures.stream().anyMatch(d -> d.run() == run && d.resume().step() == at);
    }

    private List<Series> excess() {
        return here.stream()
                .flatMap(c -> c.excess().stream()
                        .map(e -> new Series(
                                c.run().name(),
                                Ink.series(runs.indexOf(c.run())),
                                Series.Style.LINE,
                                near(e.differences()))))
                .toList();
    }

    private List<Point> near(List<Point> points) {
        double window = here.getFirst().window();
        return points.stream()
                .filter(p -> p.x() >= at - WINDOWS_BEFORE * window && p.x() <= at + WINDOWS_AFTER * window)
                .toList();
    }

    private Panel panel(String id, String title, String unit, List<Series> series, double level) {
        return new Panel(
                id + "-at-" + at,
                title,
                unit,
                "step",
                id.equals("gradient-norm") ? Panel.Scale.LOG : Panel.Scale.LINEAR,
                Axis.Format.PLAIN,
                series,
                Double.isFinite(level) ? List.of(new Panel.Level("", level, Mark.Stroke.DOTTED)) : List.of(),
                milestones);
    }
}
