package dev.cria.train;

import dev.cria.Progress;
import dev.cria.generate.Completion;
import dev.cria.generate.GenerateOptions;
import dev.cria.generate.Generator;
import dev.cria.generate.Sampling;
import dev.cria.model.LanguageModel;
import dev.cria.tensor.Kernels;
import dev.cria.tokenizer.Tokenizer;
import java.util.List;
import java.util.Set;

/** Completions of the same prompts every so many steps, with seeds that depend on nothing but the configuration. */
final class SamplesListener implements Listener {
    private final LanguageModel model;
    private final Kernels kernels;
    private final Tokenizer tokenizer;
    private final Recipe.Samples settings;
    private final long seed;
    private final List<Evaluations> outputs;
    private final Progress progress;
    private final long steps;

    SamplesListener(
            LanguageModel model,
            Kernels kernels,
            Tokenizer tokenizer,
            Recipe.Samples settings,
            long seed,
            List<Evaluations> outputs,
            Progress progress,
            long steps) {
        this.model = model;
        this.kernels = kernels;
        this.tokenizer = tokenizer;
        this.settings = settings;
        this.seed = seed;
        this.outputs = outputs;
        this.progress = progress;
        this.steps = steps;
    }

    @Override
    public void atBoundary(long step, TrainerState state) {
        if (!Every.isDue(settings.every(), step, steps)) {
            return;
        }
        Generator generator = new Generator(model, kernels);
        for (String prompt : settings.prompts()) {
            List<Completion> completions = generator.generate(tokenizer.encode(prompt), options());
            for (int i = 0; i < completions.size(); i++) {
                String text = tokenizer.decode(completions.get(i).ids());
                long sampleSeed = seed + i;
                outputs.forEach(o -> o.sample(step, prompt, sampleSeed, text));
                if (i == 0) {
                    progress.say("step %d/%d  sample: %s|%s".formatted(step, steps, prompt, text.replace('\n', ' ')));
                }
            }
        }
    }

    private GenerateOptions options() {
        Set<Integer> ends =
                tokenizer.endOfText().isPresent() ? Set.of(tokenizer.endOfText().getAsInt()) : Set.of();
        return new GenerateOptions(
                settings.maxNewTokens(),
                new Sampling(settings.temperature(), settings.topK(), 1),
                seed,
                settings.count(),
                Math.min(model.config().vocabSize(), tokenizer.vocabularySize()),
                ends);
    }
}
