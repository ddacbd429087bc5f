package dev.cria.demo;

import dev.cria.eval.Convention;
import dev.cria.eval.judge.Prompts;
import dev.cria.optim.ScheduleSection;
import dev.cria.tensor.Kernels;
import dev.cria.train.Recipe;
import dev.cria.tune.Lora;
import dev.cria.tune.TuningRecipe;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The demo's configurations: the paper's recipes at a laptop's size. */
record DemoRecipe(DemoSize size, DemoFiles files, long seed) {
    /** Stable until its last steps, so that their number may still change while it trains. */
    Recipe pretraining(int steps) {
        return pretraining(steps, Prompts.read(files.primer().resolve("prompts.txt")));
    }

    /** For a look at its step, before there are files. */
    Recipe pretraining() {
        return pretraining(size.leastSteps(), List.of());
    }

    private Recipe pretraining(int steps, List<String> prompts) {
        Recipe paper = Recipe.defaults();
        Map<String, Object> model = new LinkedHashMap<>(size.model());
        model.put("vocab_size", size.vocabulary());
        return new Recipe(
                model,
                files.tokenizer().toString(),
                files.run().toString(),
                new Recipe.Data(files.data().toString(), Recipe.Order.SHUFFLED),
                new Recipe.Batch(size.sequenceLength(), size.rows(), size.tokensPerStep()),
                paper.optimizer(),
                new ScheduleSection(
                        ScheduleSection.Kind.WSD,
                        size.learningRate(),
                        0,
                        size.warmupSteps(),
                        steps,
                        size.decaySteps(steps, 0)),
                paper.loss(),
                paper.ema(),
                paper.precision(),
                paper.parallel(),
                new Recipe.Validation(every(steps), 0),
                new Recipe.Benchmarks(
                        2 * every(steps),
                        List.of(),
                        Convention.HARNESS,
                        Optional.of(files.primer().resolve("benchmarks").toString()),
                        size.rowsPerTask(),
                        0),
                new Recipe.Samples(size.quarter(steps), prompts, 1, 24, 0, false, 50, 0.8),
                new Recipe.Checkpoint(size.quarter(steps), 4, 0, List.of((long) size.forkAt()), false, false, true),
                paper.log(),
                Kernels.Choice.AUTO,
                paper.guard(),
                seed,
                "auto");
    }

    /**
     * What a number of steps other than the planned one changes of a pretraining that is under way.
     *
     * @param taken steps that are in the past
     */
    List<String> settings(int steps, int taken) {
        return List.of(
                "schedule.steps=" + steps,
                "schedule.decay_steps=" + size.decaySteps(steps, taken),
                "validation.every=" + every(steps),
                "benchmarks.every=" + 2 * every(steps),
                "samples.every=" + size.quarter(steps),
                "checkpoint.every=" + size.quarter(steps));
    }

    /** Steps from one validation to the next. */
    private int every(int steps) {
        return Math.max(1, steps / size.evaluations());
    }

    /** Adapters on all projections as in the paper; a small model needs a higher rate and fewer rows a step. */
    TuningRecipe tuning(Path model) {
        TuningRecipe paper = TuningRecipe.defaults();
        return new TuningRecipe(
                model.toString(),
                "auto",
                files.tuning().toString(),
                new Lora(32, 32, 0, Lora.ALL_TARGETS),
                new TuningRecipe.Data(
                        List.of(files.primer().resolve("instructions.jsonl").toString()),
                        List.of(),
                        "vicuna_v1.1",
                        TuningRecipe.LossOn.RESPONSE,
                        size.sequenceLength(),
                        true,
                        false),
                new TuningRecipe.Batch(32, 1),
                paper.optimizer(),
                new ScheduleSection(ScheduleSection.Kind.LINEAR, 2e-3, 0, 5, size.tuningSteps(), 0),
                paper.precision(),
                paper.parallel(),
                new Recipe.Checkpoint(0, 1, 0, List.of(), false, false, true),
                paper.log(),
                Kernels.Choice.AUTO,
                paper.guard(),
                seed,
                "auto");
    }
}
