package dev.cria.report;

import dev.cria.page.Cell;
import dev.cria.page.Numbers;
import dev.cria.page.Section;
import dev.cria.page.Section.Part;
import dev.cria.page.Table;
import dev.cria.run.Event;
import java.util.ArrayList;
import java.util.List;

/** What each resume cost, in numbers and as a close view of loss and gradient norm around it. */
final class RestartSection {
    private RestartSection() {}

    static Section of(List<Run> runs) {
        List<RestartCost> costs = RestartCost.of(runs);
        List<Departure> departures = Departure.all(runs);
        String lead = (runs.getFirst().hasGpt2Vocabulary()
                        ? "The paper's run was restarted without its optimizer state at steps 8,750 and 10,250; loss"
                                + " and gradient norm rose and took thousands of steps to heal. "
                        : "")
                + "What the resumes here cost: how far loss and gradient norm rose, and for how long.";
        List<Part> parts = new ArrayList<>();
        if (!costs.isEmpty()) {
            parts.add(new Part.Chart(RestartFigure.of(runs, costs, departures)));
            parts.add(new Part.Grid(spikes(costs)));
            parts.add(new Part.Grid(healing(costs)));
        }
        parts.add(new Part.Grid(departures(departures)));
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
                "State",
                "Ranks",
                "Loss before",
                "Highest after",
                "Rise",
                "In spreads",
                "Norm before",
                "Highest after");
        for (RestartCost c : costs) {
            double norm = c.gradientNorm().median();
            table.row(
                    Cell.of(c.run().name()),
                    Cell.count(c.resume().step()),
                    state(c),
                    Cell.of(ranks(c)),
                    Cell.of(
                            c.loss().median(),
                            Numbers.fixed(c.loss().median(), 3) + " ± "
                                    + Numbers.fixed(c.loss().deviation(), 3)),
                    Cell.fixed(c.loss().median() + c.lossHeight(), 3),
                    Cell.of(c.lossHeight(), Numbers.signed(c.lossHeight(), 3)),
                    Cell.fixed(c.lossSpreads(), 1),
                    Cell.of(norm, Numbers.significant(norm, 3)),
                    Cell.of(norm + c.gradientNormHeight(), Numbers.significant(norm + c.gradientNormHeight(), 3)));
        }
        RestartCost first = costs.getFirst();
        return table.note("State: whether the optimizer's came along. Before: median of the " + first.window()
                        + " steps ahead of the restart ± its spread (1.4826 · median absolute deviation). After: the"
                        + " highest of as many steps from the restart on. A run that was not disturbed reaches 2 to 3"
                        + " spreads by chance. Norm: of the gradient, before clipping.")
                .build();
    }

    private static Table healing(List<RestartCost> costs) {
        Table.Builder table = Table.titled(
                "restart-healing",
                "How long it took to heal",
                "Run",
                "Step",
                "State",
                "Steps until healed",
                "Against",
                "Largest excess",
                "Validation rise",
                "Points lost",
                "Of");
        for (RestartCost c : costs) {
            table.row(
                    Cell.of(c.run().name()),
                    Cell.count(c.resume().step()),
                    state(c),
                    Cell.of(words(c.healing())),
                    Cell.of(c.excess().map(e -> e.unbroken().name()).orElse("the level before")),
                    c.excess()
                            .map(e -> Cell.of(e.largest(), Numbers.signed(e.largest(), 4)))
                            .orElse(Cell.NONE),
                    Cell.of(c.validationRise(), v -> Numbers.signed(v, 3)),
                    c.pointsLost().map(p -> Cell.fixed(p.points(), 1)).orElse(Cell.NONE),
                    c.pointsLost().map(p -> Cell.of(p.task())).orElse(Cell.NONE));
        }
        return table.note("Healed: after the worst, the loss of a window of steps is again within 0.01 of that of a run"
                        + " over the same data that was not broken; where there is none, its median is back at the"
                        + " level before, within two standard errors, which a loss that falls anyhow is sooner."
                        + " Excess: over that run; exactly 0 where nothing was lost. Points lost: the last"
                        + " evaluation before, less the lowest of the three after.")
                .build();
    }

    private static Table departures(List<Departure> departures) {
        Table.Builder table = Table.titled(
                "restart-departures", "Resumes that train otherwise", "Run", "Step", "State", "What differs");
        for (Departure d : departures) {
            table.row(Cell.of(d.run().name()), Cell.count(d.resume().step()), state(d.resume()), Cell.of(d.how()));
        }
        return table.note("What their loss does comes of that, too, so it is not counted as a restart's cost.")
                .build();
    }

    private static Cell state(RestartCost cost) {
        return state(cost.resume());
    }

    private static Cell state(Event.Resumed resume) {
        return Cell.of(resume.optimizerState() == Event.OptimizerState.WITH ? "with" : "without");
    }

    private static String words(Healing healing) {
        return switch (healing) {
            case Healing.Unharmed _ -> "no damage";
            case Healing.After after -> Numbers.count(after.steps());
            case Healing.NotWithin never -> "not within " + Numbers.count(never.steps());
        };
    }

    private static String ranks(RestartCost c) {
        String now = String.valueOf(c.resume().segment().ranks());
        return c.ranksBefore().isPresent()
                        && !String.valueOf(c.ranksBefore().getAsInt()).equals(now)
                ? c.ranksBefore().getAsInt() + " → " + now
                : now;
    }
}
