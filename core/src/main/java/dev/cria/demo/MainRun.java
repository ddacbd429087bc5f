package dev.cria.demo;

import dev.cria.Progress;
import dev.cria.measure.StepBench;
import dev.cria.parallel.Ranks;
import dev.cria.run.Line;
import dev.cria.run.RunFiles;
import dev.cria.train.Interruption;
import dev.cria.train.Pretraining;
import dev.cria.train.Recipe;
import dev.cria.train.Runs;
import dev.cria.train.Runs.Resume;
import dev.cria.train.Runs.Start;
import dev.cria.train.Trainer.Outcome;
import java.util.List;
import java.util.OptionalInt;

/**
 * The pretraining, as long as the timetable lets it be. While its rate is stable it stops at some checkpoints, the first of
 * them the one from which the restart stage will begin too, looks at how fast it has been since the last, and goes on to
 * an end that may be another than was planned: so a neighbour that takes the cores for a while costs little.
 */
final class MainRun {
    private final DemoSize size;
    private final DemoFiles files;
    private final DemoRecipe recipe;
    private final OptionalInt wanted;
    private final Progress progress;
    private int steps;

    /** @param wanted a number of steps that is kept whatever the clock says */
    MainRun(DemoSize size, DemoFiles files, long seed, OptionalInt wanted, Progress progress) {
        this.size = size;
        this.files = files;
        this.recipe = new DemoRecipe(size, files, seed);
        this.wanted = wanted;
        this.progress = progress;
        this.steps = wanted.orElse(size.leastSteps());
    }

    int steps() {
        return steps;
    }

    Cost cost() {
        return Cost.tokens((double) steps * size.tokensPerStep()).plus(evaluations(0));
    }

    /** Those that are still to come after so many steps. */
    private Cost evaluations(int taken) {
        double left = size.evaluations() * (1 - (double) taken / steps);
        return new Cost(3, left * size.evaluationTokens());
    }

    /** Tokens a second of a training step, measured in a few seconds on random tokens. */
    double measuredSpeed() {
        return StepBench.shortLook(recipe.pretraining(), progress).medianTokensPerSecond();
    }

    /** Plans as many steps as fit beside other work. */
    void plan(Timetable timetable, Cost others) {
        steps = wanted.orElseGet(() -> timetable.steps(size, 0, evaluations(0).plus(others)));
    }

    /** @param later what comes after it */
    Outcome run(Timetable timetable, Cost later, Interruption interruption) {
        change(timetable, 0, evaluations(0).plus(later), "by what the stages before it took");
        try (Ranks ranks = Ranks.solo()) {
            Runs<Recipe> runs = Pretraining.runs(progress, ranks, interruption);
            Outcome outcome = runs.start(Start.until(recipe.pretraining(steps), size.forkAt()));
            int taken = 0;
            int next = size.forkAt();
            while (outcome == Outcome.FINISHED && next < steps) {
                timetable.correct(speedSince(taken));
                taken = next;
                change(timetable, taken, evaluations(taken).plus(later), "by the speed of the steps so far");
                next = size.nextLook(steps, taken);
                Resume on = Resume.of(files.run(), recipe.settings(steps, taken));
                outcome = runs.resume(next < steps ? on.until(next) : on);
            }
            return outcome;
        }
    }

    private void change(Timetable timetable, int taken, Cost others, String why) {
        int now = wanted.orElseGet(() -> timetable.steps(size, taken, others, steps));
        if (now != steps) {
            progress.say("steps      %d, not %d, %s".formatted(now, steps, why));
        }
        steps = now;
    }

    /** Of the second half of the steps after one, when the code is warm. */
    private double speedSince(int taken) {
        List<Line.Step> lines = new RunFiles(files.run())
                .stepLines().stream().filter(line -> line.step() >= taken).toList();
        List<Line.Step> last = lines.subList(lines.size() / 2, lines.size());
        double seconds = last.stream()
                .mapToDouble(step -> size.tokensPerStep() / step.tokensPerSecond())
                .sum();
        return last.size() * size.tokensPerStep() / seconds;
    }
}
