package dev.cria.demo;

import dev.cria.eval.Convention;
import dev.cria.eval.judge.Prompts;
import dev.cria.optim.ScheduleSection;
import dev.cria.tensor.Kernels;
import dev.cria.train.Recipe;
import dev.cria.tune.Lora;
import dev.cria.tune.TuningRecipe;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The demo's configurations: the paper's recipes at a laptop's size. */
record DemoRecipe(DemoSize size, DemoFiles files, long seed) {
    Recipe pretraining() {
        Recipe paper = Recipe.defaults();
        int steps = size.steps();
        return new Recipe(
                Map.of("preset", "nano", "vocab_size", size.vocabulary()),
                files.tokenizer().toString(),
                files.run().toString(),
                new Recipe.Data(files.data().toString(), Recipe.Order.SHUFFLED),
                new Recipe.Batch(size.sequenceLength(), size.rows(), size.tokensPerStep()),
                paper.optimizer(),
                new ScheduleSection(ScheduleSection.Kind.COSINE, 1.2e-3, 1.2e-4, steps / 20, steps, 0),
                paper.loss(),
                paper.precision(),
                paper.parallel(),
                new Recipe.Validation(Math.max(1, steps / size.evaluations()), 0),
                new Recipe.Benchmarks(
                        Math.max(1, 2 * steps / size.evaluations()),
                        List.of(),
                        Convention.HARNESS,
                        Optional.of(files.primer().resolve("benchmarks").toString()),
                        size.rowsPerTask(),
                        0),
                new Recipe.Samples(Math.max(1, steps / 4), prompts(), 1, 24, 0, false, 50, 0.8),
                new Recipe.Checkpoint(size.forkAt(), 5, 0, List.of(), false, false, true),
                paper.log(),
                Kernels.Choice.AUTO,
                paper.guard(),
                seed,
                "auto");
    }

    private List<String> prompts() {
        return Prompts.read(files.primer().resolve("prompts.txt"));
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
                new Recipe.Checkpoint(0, 1, 0, List.of(), false, false, true),
                paper.log(),
                Kernels.Choice.AUTO,
                paper.guard(),
                seed,
                "auto");
    }
}
