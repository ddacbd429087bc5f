package dev.cria.report;

import dev.cria.eval.Benchmark;
import dev.cria.eval.PaperTables;
import dev.cria.page.Cell;
import dev.cria.page.Numbers;
import dev.cria.page.Point;
import dev.cria.page.Section;
import dev.cria.page.Section.Part;
import dev.cria.page.Table;
import dev.cria.run.Line;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.TreeSet;

/** Table IV: validation loss and HellaSwag fall and rise together. */
final class ProgressSection {
    /** Rows a reader can take in; a longer run is shown at evenly spaced evaluations. */
    private static final int MOST_ROWS = 14;

    private ProgressSection() {}

    static Section of(List<Run> runs) {
        boolean hasHellaSwag = runs.stream().anyMatch(run -> !hellaSwag(run).isEmpty());
        List<Part> parts = new ArrayList<>();
        parts.add(new Part.Grid(ours(runs, hasHellaSwag)));
        if (hasHellaSwag && runs.getFirst().hasGpt2Vocabulary()) {
            parts.add(new Part.Grid(paper()));
        }
        return new Section(
                "progress",
                hasHellaSwag ? "Loss and HellaSwag" : "Loss by step",
                hasHellaSwag
                        ? "Table IV. The lower the validation loss, the more endings are chosen rightly."
                        : "The validation loss as training went on.",
                runs.getFirst().validation().isEmpty() ? List.of() : parts,
                "validation: {every: 250} in the config");
    }

    private static List<Point> hellaSwag(Run run) {
        return RestartAnalysis.scores(run, Benchmark.HELLASWAG);
    }

    private static Table ours(List<Run> runs, boolean hasHellaSwag) {
        List<String> columns = new ArrayList<>(List.of("Step", "Tokens"));
        for (Run run : runs) {
            String of = runs.size() > 1 ? ", " + run.name() : "";
            columns.add("Validation loss" + of);
            if (hasHellaSwag) {
                columns.add("HellaSwag" + of);
            }
        }
        Table.Builder table =
                Table.titled("table-4", hasHellaSwag ? "Table IV. This run" : "Validation loss by step", columns);
        for (double step : steps(runs)) {
            List<Cell> row = new ArrayList<>();
            row.add(Cell.count(step));
            row.add(Cell.of(tokens(runs.getFirst(), step), Numbers::compact));
            for (Run run : runs) {
                row.add(Cell.of(exactly(run.validation(), step), v -> Numbers.fixed(v, 4)));
                if (hasHellaSwag) {
                    row.add(Cell.of(exactly(hellaSwag(run), step), Numbers::percent));
                }
            }
            table.row(row);
        }
        return table.note(hasHellaSwag ? "Loss in nats a token, HellaSwag in per cent." : "Loss in nats a token.")
                .build();
    }

    private static List<Double> steps(List<Run> runs) {
        TreeSet<Double> all = new TreeSet<>();
        runs.forEach(r -> r.validation().forEach(p -> all.add(p.x())));
        List<Double> steps = List.copyOf(all);
        if (steps.size() <= MOST_ROWS) {
            return steps;
        }
        List<Double> some = new ArrayList<>();
        for (int i = 0; i < MOST_ROWS; i++) {
            some.add(steps.get(Math.round(i * (steps.size() - 1f) / (MOST_ROWS - 1))));
        }
        return some;
    }

    private static OptionalDouble exactly(List<Point> points, double step) {
        return points.stream().filter(p -> p.x() == step).mapToDouble(Point::y).findFirst();
    }

    /** Tokens seen before the step ran. */
    private static OptionalDouble tokens(Run run, double step) {
        return run.steps().stream()
                .filter(s -> s.step() < step && Double.isFinite(s.tokens()))
                .mapToDouble(Line.Step::tokens)
                .reduce((_, b) -> b);
    }

    private static Table paper() {
        Table.Builder table =
                Table.titled("table-4-paper", "Table IV. The paper's 1.7B", "Step", "Validation loss", "HellaSwag");
        for (PaperTables.Checkpoint c : PaperTables.checkpoints()) {
            table.row(Cell.count(c.step()), Cell.fixed(c.validationLoss(), 2), Cell.percent(c.hellaswag()));
        }
        return table.note("Published values: " + Paper.CITATION + ".").build();
    }
}
