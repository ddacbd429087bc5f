package dev.cria.train;

import dev.cria.generate.Completion;
import dev.cria.generate.GenerateOptions;
import dev.cria.generate.Generator;
import dev.cria.generate.Sampling;
import dev.cria.model.LanguageModel;
import dev.cria.run.Line;
import dev.cria.tensor.Kernels;
import dev.cria.tokenizer.Tokenizer;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Completions of the same prompts, with seeds that depend on nothing but the configuration. */
record InLoopSamples(LanguageModel model, Kernels kernels, Tokenizer tokenizer, Recipe.Samples settings, long seed)
        implements Evaluator {
    @Override
    public int every() {
        return settings.every();
    }

    @Override
    public void evaluate(long step, Consumer<Line> results) {
        Generator generator = new Generator(model, kernels);
        for (String prompt : settings.prompts()) {
            int[] ids = tokenizer.encode(prompt);
            List<Completion> completions = generator.generate(ids, options(ids.length));
            for (int i = 0; i < completions.size(); i++) {
                String text = tokenizer.decode(completions.get(i).ids());
                results.accept(new Line.Sample(step, prompt, seed + i, text));
            }
        }
    }

    private GenerateOptions options(int promptTokens) {
        Set<Integer> ends = tokenizer.endOfText().isPresent() && !settings.ignoreEos()
                ? Set.of(tokenizer.endOfText().getAsInt())
                : Set.of();
        int room = settings.maxLength() == 0 ? Integer.MAX_VALUE : Math.max(0, settings.maxLength() - promptTokens);
        return new GenerateOptions(
                Math.min(settings.maxNewTokens(), room),
                new Sampling(settings.temperature(), settings.topK(), 1),
                seed,
                settings.count(),
                Math.min(model.config().vocabSize(), tokenizer.vocabularySize()),
                ends);
    }
}
