package dev.cria.demo;

import dev.cria.generate.GenerateOptions;
import dev.cria.generate.Generator;
import dev.cria.generate.Sampling;
import dev.cria.model.LanguageModel;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.train.ComputeType;
import dev.cria.train.Recipe;
import dev.cria.tune.Asked;
import dev.cria.tune.Merge;
import dev.cria.tune.Template;
import dev.cria.weights.Models;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.Set;

/** A checkpoint, opened in the type that it was trained in; {@code eval} and {@code compare} take it with {@code --precision}. */
record OpenModel(LanguageModel model, Kernels kernels, Tokenizer tokenizer) implements AutoCloseable {

    static OpenModel open(Path checkpoint) {
        Device device = Device.named("auto", 0);
        DType type = ComputeType.of(Recipe.Compute.AUTO, device);
        LanguageModel model = Models.load(checkpoint, device, Storage.inference(type));
        return new OpenModel(model, Kernels.of(device, Kernels.Choice.AUTO), Tokenizers.load(checkpoint));
    }

    /** With an adapter added to its weights. */
    static OpenModel open(Path checkpoint, Path adapter) {
        OpenModel open = open(checkpoint);
        try {
            Merge.addTo(open.model, adapter);
            return open;
        } catch (RuntimeException e) {
            open.close();
            throw e;
        }
    }

    /** The model as one that is asked questions and answers with what it finds likeliest. */
    Asked asked(String name, String template, int mostTokens) {
        OptionalInt end = tokenizer.endOfText();
        Set<Integer> ends = end.isPresent() ? Set.of(end.getAsInt()) : Set.of();
        var options = new GenerateOptions(mostTokens, Sampling.greedy(), 0, 1, tokenizer.vocabularySize(), ends);
        return new Asked(name, new Generator(model, kernels), tokenizer, Template.named(template, tokenizer), options);
    }

    @Override
    public void close() {
        model.close();
    }
}
