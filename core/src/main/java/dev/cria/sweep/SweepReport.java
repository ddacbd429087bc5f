package dev.cria.sweep;

import dev.cria.WorkException;
import dev.cria.format.AtomicFiles;
import dev.cria.format.ConfigFile;
import dev.cria.page.Axis;
import dev.cria.page.Cell;
import dev.cria.page.Figure;
import dev.cria.page.Ink;
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
import dev.cria.sweep.TrialRun.State;
import dev.cria.train.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What came of a sweep: {@code sweep.csv}, the loss against what was varied, and {@code index.html}, which needs nothing
 * else to be read.
 *
 * @param rungs steps at which trials were compared; the last is the horizon
 */
record SweepReport(Path out, SweepPlan plan, Recipe base, List<Long> rungs, List<TrialResult> results) {
    /** Where a sweep varies it, it is what the losses are drawn against. */
    private static final String LEARNING_RATE = "schedule.learning_rate";

    /** As many curves as a reader can tell apart. */
    private static final int CURVES = 12;

    /** Writes all files, and returns the page's path. */
    Path write() {
        Table table = table();
        List<Section> sections = List.of(trials(table), curves(), configuration());
        try {
            Section.writeFigures(sections, out);
            AtomicFiles.write(out.resolve("sweep.csv"), table.csv());
            AtomicFiles.write(out.resolve("sweep.md"), MarkdownPage.of(title(), tiles(), sections));
            AtomicFiles.write(out.resolve("index.html"), Page.of(head(), tiles(), sections));
            return out.resolve("index.html");
        } catch (IOException e) {
            throw new WorkException(
                    "the sweep's page cannot be written to " + out + ": " + AtomicFiles.reason(e),
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
                "sweep",
                Numbers.count(results.size()) + " trials over " + String.join(", ", space().keys()),
                "Made by Cria from the trials' files alone. The table: <a href=\"sweep.csv\">sweep.csv</a>. The whole"
                        + " page as text: <a href=\"sweep.md\">sweep.md</a>");
    }

    private Space space() {
        return plan.space();
    }

    private List<Tile> tiles() {
        List<Tile> tiles = new ArrayList<>();
        TrialResult.best(results)
                .ifPresent(best -> tiles.add(new Tile(
                        "Best",
                        Numbers.fixed(best.run().lastLoss().orElseThrow(), 4),
                        best.run().trial().name())));
        for (State state : State.values()) {
            long count = results.stream().filter(r -> r.state() == state).count();
            if (count > 0) {
                tiles.add(new Tile(capital(word(state)), Numbers.count(count), count == 1 ? "trial" : "trials"));
            }
        }
        double seconds = results.stream().mapToDouble(r -> r.run().seconds()).sum();
        tiles.add(new Tile("Training time", Numbers.duration(seconds), "without evaluations"));
        return tiles;
    }

    private static String word(State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    private static String capital(String word) {
        return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
    }

    private Section trials(Table table) {
        return new Section(
                "trials",
                "Trials",
                "Validation loss in nats a token after the last step of each trial; all learning-rate schedules are"
                        + " those of the whole horizon.",
                List.of(new Part.Chart(losses()), new Part.Grid(table)),
                "");
    }

    private Table table() {
        List<String> columns = new ArrayList<>(List.of("trial"));
        columns.addAll(space().keys());
        columns.addAll(List.of("steps", "val_loss", "best_val_loss", "seconds", "tokens_per_s", "state"));
        Table.Builder table = Table.titled("sweep", "Trials", columns);
        for (TrialResult result : results) {
            TrialRun run = result.run();
            List<Cell> cells = new ArrayList<>(List.of(Cell.of(run.trial().name())));
            run.trial().settings().values().forEach(value -> cells.add(Cell.of(value)));
            cells.add(Cell.count(run.steps()));
            cells.add(Cell.of(run.lastLoss(), v -> Numbers.fixed(v, 4)));
            cells.add(Cell.of(run.bestLoss(), v -> Numbers.fixed(v, 4)));
            cells.add(Cell.fixed(run.seconds(), 1));
            cells.add(Cell.count(run.tokensPerSecond()));
            cells.add(Cell.of(word(result.state())));
            table.row(cells);
        }
        return table.note("Seconds are of training, without evaluations and checkpoints.")
                .build();
    }

    /** A panel for each rung, with the trials that came there. */
    private Figure losses() {
        Optional<String> x = xKey();
        if (x.isEmpty()) {
            return new Figure("losses", "Validation loss", "", List.of(), List.of());
        }
        Map<String, Ink> inks = inks(x.get());
        List<Panel> panels =
                rungs.stream().map(rung -> panel(x.get(), rung, inks)).toList();
        return new Figure(
                "losses",
                "Validation loss by " + space().shortName(x.get()),
                diverged(),
                inks.entrySet().stream()
                        .map(e -> new Figure.Key(e.getKey(), e.getValue(), Series.Style.DOTS))
                        .toList(),
                panels);
    }

    private String diverged() {
        String names = results.stream()
                .filter(r -> r.state() == State.DIVERGED)
                .map(r -> r.run().trial().name())
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "" : "Not drawn, since they diverged: " + names + ".";
    }

    private Panel panel(String x, long rung, Map<String, Ink> inks) {
        boolean last = rung == rungs.getLast();
        Map<String, List<Point>> lines = new LinkedHashMap<>();
        inks.keySet().forEach(line -> lines.put(line, new ArrayList<>()));
        for (TrialResult result : results) {
            double loss = last && result.state() == State.FINISHED
                    ? result.run().lastLoss().orElse(Double.NaN)
                    : result.run().lossAt(rung);
            if (Double.isFinite(loss)) {
                String line = line(result.run().trial(), x);
                List<Point> points = lines.computeIfAbsent(line, _ -> new ArrayList<>());
                points.add(new Point(number(result.run().trial(), x), loss));
            }
        }
        return new Panel(
                "after-" + rung,
                last ? "Validation loss" : "Validation loss after " + Numbers.count(rung) + " steps",
                "nats a token",
                space().shortName(x) + ", logarithmic axis",
                Panel.Scale.LOG,
                Panel.Scale.LOG,
                Axis.Format.PLAIN,
                lines.entrySet().stream()
                        .map(e -> new Series(
                                e.getKey(),
                                inks.getOrDefault(e.getKey(), Ink.MUTED),
                                Series.Style.DOTS,
                                e.getValue().stream()
                                        .sorted(Comparator.comparingDouble(Point::x))
                                        .toList()))
                        .toList(),
                List.of(),
                Milestones.NONE);
    }

    /** What losses are drawn against: the learning rate, or else the first key whose values are numbers above 0. */
    private Optional<String> xKey() {
        List<String> numeric = space().named().stream().filter(this::isNumeric).toList();
        return numeric.contains(LEARNING_RATE)
                ? Optional.of(LEARNING_RATE)
                : numeric.stream().findFirst();
    }

    private boolean isNumeric(String key) {
        return results.stream().allMatch(r -> number(r.run().trial(), key) > 0)
                && results.stream()
                                .map(r -> number(r.run().trial(), key))
                                .distinct()
                                .count()
                        > 1;
    }

    private static double number(Trial trial, String key) {
        try {
            return Double.parseDouble(trial.settings().getOrDefault(key, ""));
        } catch (NumberFormatException _) {
            return Double.NaN;
        }
    }

    private Map<String, Ink> inks(String x) {
        List<String> lines =
                results.stream().map(r -> line(r.run().trial(), x)).distinct().toList();
        Map<String, Ink> inks = new LinkedHashMap<>();
        lines.forEach(line -> inks.put(line, Ink.series(inks.size())));
        return inks;
    }

    /** The trials of a line have all values in common but that of the axis. What a random search drew is told nowhere. */
    private String line(Trial trial, String x) {
        return space().varied().stream()
                .filter(varied -> varied instanceof Varied.Listed
                        && !varied.keys().getFirst().equals(x))
                .map(varied -> varied.keys().getFirst())
                .map(key -> lineName(trial, key))
                .collect(Collectors.collectingAndThen(
                        Collectors.joining(", "), line -> line.isEmpty() ? "all trials" : line));
    }

    /** A number needs its key beside it; {@code muon} says enough. */
    private String lineName(Trial trial, String key) {
        String value = String.valueOf(trial.settings().get(key));
        return Double.isNaN(number(trial, key)) ? value : space().shortName(key) + " " + value;
    }

    private Section curves() {
        List<TrialResult> shown = results.stream()
                .filter(r -> !r.run().curve().isEmpty())
                .sorted(TrialResult.BEST_FIRST)
                .limit(CURVES)
                .toList();
        List<Series> series = new ArrayList<>();
        List<Figure.Key> legend = new ArrayList<>();
        for (TrialResult result : shown) {
            Ink ink = Ink.series(series.size());
            String name = result.run().trial().name();
            series.add(new Series(name, ink, Series.Style.DOTS, result.run().curve()));
            legend.add(new Figure.Key(name, ink, Series.Style.DOTS));
        }
        Panel panel = new Panel(
                "curves",
                "Validation loss by step",
                "nats a token",
                "step",
                Panel.Scale.LOG,
                Axis.Format.PLAIN,
                series,
                List.of(),
                Milestones.NONE);
        Figure figure = new Figure("curves", "The trials as they learn", "", legend, List.of(panel));
        String which = results.size() > CURVES ? "The best " + CURVES + " trials so far." : "Every trial.";
        return new Section("curves", "Curves", which, List.of(new Part.Chart(figure)), "");
    }

    private Section configuration() {
        List<String> command = new ArrayList<>(List.of("./cria", "sweep", "--config", SweepDirectory.BASE));
        command.addAll(plan.options());
        command.addAll(List.of("--out", "again"));
        return new Section(
                "configuration",
                "The same again",
                "What all trials have in common is in base.yaml; each trial is a run directory in trials/.",
                List.of(
                        new Part.Code("Command", String.join(" ", command), Section.Fold.OPEN),
                        new Part.Code("base.yaml", ConfigFile.toYaml(base), Section.Fold.FOLDED)),
                "");
    }
}
