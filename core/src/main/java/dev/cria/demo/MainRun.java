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
 * The pretraining, as long as the timetable lets it be. It stops at the checkpoint from which the restart stage will begin
 * too, looks at how fast it really was, and goes on to an end that may be another than was planned.
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
        return Cost.tokens((double) steps * size.tokensPerStep()).plus(evaluations());
    }

    private Cost evaluations() {
        return new Cost(3, (double) size.evaluations() * size.evaluationTokens());
    }

    /** Tokens a second of a training step, measured in a few seconds on random tokens. */
    double measuredSpeed() {
        return StepBench.shortLook(recipe.pretraining(), progress).medianTokensPerSecond();
    }

    /** Plans as many steps as fit beside other work. */
    void plan(Timetable timetable, Cost others) {
        steps = wanted.orElseGet(() -> timetable.steps(size, 0, evaluations().plus(others)));
    }

    /** @param later what comes after it */
    Outcome run(Timetable timetable, Cost later, Interruption interruption) {
        change(timetable, 0, evaluations().plus(later), "by what the stages before it took");
        try (Ranks ranks = Ranks.solo()) {
            Runs<Recipe> runs = Pretraining.runs(progress, ranks, interruption);
            Outcome begun = runs.start(Start.until(recipe.pretraining(steps), size.forkAt()));
            if (begun == Outcome.INTERRUPTED) {
                return begun;
            }
            timetable.correct(speed());
            change(timetable, size.forkAt(), evaluations().plus(later), "by the speed of the steps so far");
            return runs.resume(Resume.of(files.run(), recipe.settings(steps)));
        }
    }

    private void change(Timetable timetable, int taken, Cost others, String why) {
        int now = wanted.orElseGet(() -> timetable.steps(size, taken, others, steps));
        if (now != steps) {
            progress.say("steps      %d, not %d, %s".formatted(now, steps, why));
        }
        steps = now;
    }

    /** Of the second half of the steps, when the code is warm. */
    private double speed() {
        List<Line.Step> lines = new RunFiles(files.run()).stepLines();
        List<Line.Step> last = lines.subList(lines.size() / 2, lines.size());
        double seconds = last.stream()
                .mapToDouble(step -> size.tokensPerStep() / step.tokensPerSecond())
                .sum();
        return last.size() * size.tokensPerStep() / seconds;
    }
}
