package dev.cria.demo;

import dev.cria.tensor.Kernels;
import dev.cria.train.Recipe;
import dev.cria.train.ScheduleSection;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The demo's pretraining configuration: the paper's recipe at a laptop's size. */
final class DemoRecipe {
    private static final List<String> PROMPTS = List.of(
            "Paris is the capital of", "A dog is a kind of", "The opposite of \"hot\" is", "People use a knife to");

    private DemoRecipe() {}

    static Recipe of(DemoSize size, Path out, long seed) {
        Recipe paper = Recipe.defaults();
        int steps = size.steps();
        return new Recipe(
                Map.of("preset", "nano", "vocab_size", size.vocabulary()),
                out.resolve("tokenizer").toString(),
                out.resolve("pretrain").toString(),
                new Recipe.Data(out.resolve("data").toString(), Recipe.Order.SHUFFLED),
                new Recipe.Batch(size.sequenceLength(), size.rows(), size.tokensPerStep()),
                paper.optimizer(),
                new ScheduleSection(ScheduleSection.Kind.COSINE, 3e-3, 3e-4, steps / 20, steps),
                paper.precision(),
                new Recipe.Validation(Math.max(1, steps / 10), 0),
                new Recipe.Benchmarks(
                        steps / 2,
                        List.of(),
                        Optional.of(out.resolve("primer/benchmarks").toString()),
                        size.rowsPerTask(),
                        0),
                new Recipe.Samples(Math.max(1, steps / 4), PROMPTS, 1, 24, 50, 0.8),
                new Recipe.Checkpoint(Math.max(1, steps / 4), 5, 0, true),
                paper.log(),
                Kernels.Choice.AUTO,
                paper.guard(),
                seed,
                "auto");
    }
}
