package dev.cria.report;

import dev.cria.report.Section.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** What each resume cost, in numbers and as a close view of loss and gradient norm around it. */
final class RestartSection {
    private RestartSection() {}

    static Section of(List<Run> runs) {
        List<RestartCost> costs = RestartCost.of(runs);
        String lead = "The paper's run was restarted without its optimizer state at steps 8,750 and 10,250; loss and"
                + " gradient norm rose and took thousands of steps to heal. This is what the resumes here cost.";
        List<Part> parts = new ArrayList<>();
        if (!costs.isEmpty()) {
            parts.add(new Part.Chart(RestartFigure.of(runs, costs)));
            parts.add(new Part.Grid(spikes(costs)));
            parts.add(new Part.Grid(healing(costs)));
        }
        return new Section(
                "restarts",
                "Restarts",
                lead,
                parts,
                "a resume in events.jsonl: cria pretrain --resume RUN --at STEP --without-optimizer-state --out FORK");
    }

    private static Table spikes(List<RestartCost> costs) {
        Table.Builder table = Table.titled(
                "restart-spikes",
                "How high the spike was",
                "Run",
                "Step",
                "Optimizer state",
                "Ranks",
                "Loss before",
                "Highest loss after",
                "Rise",
                "Rise in spreads",
                "Gradient norm before",
                "Highest after");
        for (RestartCost c : costs) {
            table.row(
                    Cell.of(c.run().name()),
                    Cell.count(c.resume().step()),
                    Cell.of(c.resume().optimizerState() == Event.OptimizerState.WITH ? "with" : "without"),
                    Cell.of(ranks(c)),
                    Cell.of(
                            c.loss().median(),
                            Numbers.fixed(c.loss().median(), 3) + " ± "
                                    + Numbers.fixed(c.loss().deviation(), 3)),
                    Cell.fixed(c.loss().median() + c.lossHeight(), 3),
                    Cell.of(c.lossHeight(), Numbers.signed(c.lossHeight(), 3)),
                    Cell.fixed(c.lossSpreads(), 1),
                    Cell.of(
                            c.gradientNorm().median(),
                            Numbers.significant(c.gradientNorm().median(), 3)),
                    Cell.of(
                            c.gradientNorm().median() + c.gradientNormHeight(),
                            Numbers.significant(c.gradientNorm().median() + c.gradientNormHeight(), 3)));
        }
        RestartCost first = costs.getFirst();
        return table.note("Before: median of the " + first.window() + " steps ahead of the restart ± its spread (1.4826"
                        + " · median absolute deviation). After: the highest"
                        + " of as many steps from the restart on. A run that"
                        + " was not disturbed reaches 2 to 3 spreads by"
                        + " chance.")
                .build();
    }

    private static Table healing(List<RestartCost> costs) {
        Table.Builder table = Table.titled(
                "restart-healing",
                "How long it took to heal",
                "Run",
                "Step",
                "Optimizer state",
                "Steps until healed",
                "Validation loss, rise",
                "Benchmark points lost",
                "Of",
                "Unbroken run",
                "Largest excess over it",
                "Steps until within 0.01 of it");
        for (RestartCost c : costs) {
            table.row(
                    Cell.of(c.run().name()),
                    Cell.count(c.resume().step()),
                    Cell.of(c.resume().optimizerState() == Event.OptimizerState.WITH ? "with" : "without"),
                    steps(c.healedAfter(), c.stepsAfter()),
                    Cell.of(c.validationRise(), v -> Numbers.signed(v, 3)),
                    c.pointsLost().map(p -> Cell.fixed(p.points(), 1)).orElse(Cell.NONE),
                    c.pointsLost().map(p -> Cell.of(p.task())).orElse(Cell.NONE),
                    c.excess().map(e -> Cell.of(e.unbroken().name())).orElse(Cell.NONE),
                    c.excess()
                            .map(e -> Cell.of(e.largest(), Numbers.signed(e.largest(), 4)))
                            .orElse(Cell.NONE),
                    c.excess().map(e -> steps(e.closedAfter(), c.stepsAfter())).orElse(Cell.NONE));
        }
        return table.note("Healed: from here on the median loss of a window is back at the level before, within two"
                        + " standard errors. Points lost: the last evaluation before, less the lowest of the three"
                        + " after. Excess: loss less that of a run over the same data that was not broken; exactly 0"
                        + " where nothing was lost.")
                .build();
    }

    private static Cell steps(OptionalLong steps, long followed) {
        return steps.isPresent()
                ? Cell.count(steps.getAsLong())
                : Cell.of("not within the " + Numbers.count(followed) + " that follow");
    }

    private static String ranks(RestartCost c) {
        String now = c.resume().ranks().isPresent()
                ? String.valueOf(c.resume().ranks().getAsInt())
                : "–";
        return c.ranksBefore().isPresent()
                        && !String.valueOf(c.ranksBefore().getAsInt()).equals(now)
                ? c.ranksBefore().getAsInt() + " → " + now
                : now;
    }
}
