package dev.cria.speedrun;

import dev.cria.WorkException;
import dev.cria.format.AtomicFiles;
import dev.cria.format.ConfigFile;
import dev.cria.page.Axis;
import dev.cria.page.Cell;
import dev.cria.page.Figure;
import dev.cria.page.Ink;
import dev.cria.page.Mark;
import dev.cria.page.MarkdownPage;
import dev.cria.page.Milestones;
import dev.cria.page.Numbers;
import dev.cria.page.Page;
import dev.cria.page.Panel;
import dev.cria.page.Point;
import dev.cria.page.Section;
import dev.cria.page.Section.Part;
import dev.cria.page.Series;
import dev.cria.page.Table;
import dev.cria.page.Tile;
import dev.cria.speedrun.Standings.Standing;
import dev.cria.train.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What came of a speedrun: {@code index.html}, which needs nothing else to be read, {@code speedrun.md},
 * {@code speedrun.json}, and tables and figures.
 */
record SpeedrunReport(Path out, SpeedrunPlan plan, Recipe base, Standings standings) {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private static final String METHOD = "The target is first reached on the straight line between two evaluations;"
            + " seconds are of training, without evaluations. A ratio is the sum over the seeds where both reach the"
            + " target; its interval holds 95% of " + Numbers.count(Ratio.RESAMPLES)
            + " bootstrap draws of those seeds, each with both of its runs. Fewer than " + Ratio.LEAST_PAIRS
            + " seeds give no interval, and few of them one that is too narrow.";

    /** Writes all files, and returns the page's path. */
    Path write() {
        List<Section> sections = List.of(result(), curves(), seeds(), configuration());
        try {
            Section.writeFigures(sections, out);
            Section.writeTables(sections, out);
            AtomicFiles.write(out.resolve("speedrun.json"), JSON.writeValueAsString(json()) + "\n");
            AtomicFiles.write(out.resolve("speedrun.md"), MarkdownPage.of(title(), tiles(), sections));
            AtomicFiles.write(out.resolve("index.html"), Page.of(head(), tiles(), sections));
            return out.resolve("index.html");
        } catch (IOException e) {
            throw new WorkException(
                    "the speedrun's page cannot be written to " + out + ": " + AtomicFiles.reason(e),
                    "make space there, and start the command again",
                    e);
        }
    }

    private String title() {
        return String.valueOf(out.toAbsolutePath().normalize().getFileName());
    }

    private Page.Head head() {
        return new Page.Head(
                title(),
                "speedrun",
                "Steps and seconds to " + targetWords(),
                "Made by Cria from the files of the <a href=\"tuning/index.html\">tuning</a> and of the <a"
                        + " href=\"seeds/index.html\">seeds</a> alone. For machines: <a"
                        + " href=\"speedrun.json\">speedrun.json</a>. The whole page as text: <a"
                        + " href=\"speedrun.md\">speedrun.md</a>");
    }

    private String targetWords() {
        if (plan.target().isPresent()) {
            return "a validation loss of %s".formatted(plan.target().getAsDouble());
        }
        return "the validation loss with which AdamW of the same seed ends, to within %s"
                .formatted(Standings.TOLERANCE);
    }

    private List<Tile> tiles() {
        List<Tile> tiles = new ArrayList<>();
        for (Standing standing : standings.standings()) {
            String name = standing.runner().name();
            standing.steps().ifPresent(r -> tiles.add(new Tile("Steps, " + name, shown(r), interval(r))));
            standing.seconds().ifPresent(r -> tiles.add(new Tile("Seconds, " + name, shown(r), interval(r))));
        }
        return tiles;
    }

    private static String shown(Ratio ratio) {
        return Numbers.fixed(ratio.value(), 3) + " ×";
    }

    private static String interval(Ratio ratio) {
        String seeds = ratio.pairs() == 1 ? "1 seed" : ratio.pairs() + " seeds";
        return Double.isFinite(ratio.low())
                ? Numbers.fixed(ratio.low(), 3) + " to " + Numbers.fixed(ratio.high(), 3) + ", " + seeds
                : "of AdamW's, " + seeds + ", no interval";
    }

    private Section result() {
        Table.Builder table = Table.titled(
                "result",
                "To the target",
                "runner",
                "learning_rate",
                "seeds",
                "reached",
                "final_loss",
                "deviation",
                "steps",
                "seconds",
                "steps_ratio",
                "steps_interval",
                "seconds_ratio",
                "seconds_interval");
        for (Standing s : standings.standings()) {
            table.row(
                    Cell.of(s.runner().name()),
                    Cell.of(s.runner().learningRate()),
                    Cell.count(s.seeds()),
                    Cell.count(s.reached()),
                    Cell.fixed(s.meanLoss(), 4),
                    Cell.fixed(s.lossDeviation(), 4),
                    Cell.fixed(s.meanSteps(), 1),
                    Cell.fixed(s.meanSeconds(), 1),
                    cell(s.steps(), r -> Cell.fixed(r.value(), 3)),
                    cell(s.steps(), r -> Cell.of(interval(r))),
                    cell(s.seconds(), r -> Cell.fixed(r.value(), 3)),
                    cell(s.seconds(), r -> Cell.of(interval(r))));
        }
        String lead = "Mean steps and seconds to " + targetWords() + ", each optimizer at the best of "
                + String.join(", ", plan.rates()) + ". " + edges();
        return new Section(
                "result",
                "Result",
                lead.strip(),
                List.of(new Part.Grid(table.note(METHOD).build())),
                "");
    }

    private static Cell cell(Optional<Ratio> ratio, Function<Ratio, Cell> cell) {
        return ratio.map(cell).orElse(Cell.NONE);
    }

    /** A best rate at the end of those that were tried may not be the best there is. */
    private String edges() {
        return standings.standings().stream()
                .limit(SpeedrunPlan.OPTIMIZERS.size())
                .filter(s -> plan.rates().size() > 1 && isEdge(s.runner().learningRate()))
                .map(s -> "The best rate of " + s.runner().name() + " is at an end of these.")
                .collect(Collectors.joining(" "));
    }

    private boolean isEdge(String rate) {
        double value = Double.parseDouble(rate);
        var all = plan.rates().stream().mapToDouble(Double::parseDouble).summaryStatistics();
        return value == all.getMin() || value == all.getMax();
    }

    private Section curves() {
        List<Figure.Key> legend = new ArrayList<>();
        for (Runner runner : standings.runners()) {
            legend.add(new Figure.Key(runner.name(), ink(runner), Series.Style.LINE));
        }
        Figure figure = new Figure(
                "curves",
                "Validation loss of each seed",
                "A line a seed.",
                legend,
                List.of(
                        panel("by-step", "step", Runner.Curve::losses),
                        panel("by-second", "seconds", Runner.Curve::bySeconds)));
        return new Section(
                "curves", "Curves", "By step, and by seconds of training.", List.of(new Part.Chart(figure)), "");
    }

    private Ink ink(Runner runner) {
        return Ink.series(standings.runners().indexOf(runner));
    }

    private Panel panel(String id, String xTitle, Function<Runner.Curve, List<Point>> points) {
        List<Series> series = new ArrayList<>();
        for (Runner runner : standings.runners()) {
            runner.curves()
                    .forEach((seed, curve) -> series.add(new Series(
                            runner.name() + ", seed " + seed, ink(runner), Series.Style.LINE, points.apply(curve))));
        }
        List<Panel.Level> levels = plan.target().isPresent()
                ? List.of(new Panel.Level("target", plan.target().getAsDouble(), Mark.Stroke.DASHED))
                : List.of();
        return new Panel(
                id,
                "Validation loss",
                "nats a token",
                xTitle,
                Panel.Scale.LOG,
                Axis.Format.PLAIN,
                series,
                levels,
                Milestones.NONE);
    }

    private Section seeds() {
        Table.Builder table = Table.titled(
                "seeds", "Each run", "runner", "seed", "final_loss", "target", "steps_to_target", "seconds_to_target");
        for (Runner runner : standings.runners()) {
            runner.curves().forEach((seed, curve) -> {
                Optional<Crossing> crossing = runner.crossing(seed, standings.target(seed));
                table.row(
                        Cell.of(runner.name()),
                        Cell.exact(seed),
                        Cell.fixed(curve.lastLoss(), 4),
                        Cell.of(standings.target(seed), v -> Numbers.fixed(v, 4)),
                        crossing.map(c -> Cell.fixed(c.steps(), 1)).orElse(Cell.NONE),
                        crossing.map(c -> Cell.fixed(c.seconds(), 1)).orElse(Cell.NONE));
            });
        }
        return new Section(
                "seeds",
                "Seeds",
                "Runs of one seed have the same first weights and the same order of data. An empty place means that the"
                        + " target was not reached.",
                List.of(new Part.Grid(table.build())),
                "");
    }

    private Section configuration() {
        return new Section(
                "configuration",
                "Configuration",
                "What all runs have in common; tuning/sweep.csv and seeds/sweep.csv have the rest.",
                List.of(new Part.Code("base.yaml", ConfigFile.toYaml(base), Section.Fold.FOLDED)),
                "");
    }

    private Map<String, @Nullable Object> json() {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put(
                "target",
                plan.target().isPresent()
                        ? plan.target().getAsDouble()
                        : "adamw's final loss, by seed, plus " + Standings.TOLERANCE);
        json.put("budget", plan.rates());
        json.put("method", METHOD);
        Map<String, @Nullable Object> runners = new LinkedHashMap<>();
        standings.standings().forEach(s -> runners.put(s.runner().name(), json(s)));
        json.put("runners", runners);
        return json;
    }

    private static Map<String, @Nullable Object> json(Standing s) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("learning_rate", s.runner().learningRate());
        json.put("seeds", s.seeds());
        json.put("reached", s.reached());
        json.put("final_loss", finite(s.meanLoss()));
        json.put("final_loss_deviation", finite(s.lossDeviation()));
        json.put("steps", finite(s.meanSteps()));
        json.put("seconds", finite(s.meanSeconds()));
        s.steps().ifPresent(r -> json.put("steps_ratio", json(r)));
        s.seconds().ifPresent(r -> json.put("seconds_ratio", json(r)));
        return json;
    }

    private static Map<String, @Nullable Object> json(Ratio ratio) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("ratio", finite(ratio.value()));
        json.put("low", finite(ratio.low()));
        json.put("high", finite(ratio.high()));
        json.put("pairs", ratio.pairs());
        return json;
    }

    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
