package dev.cria.tune;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.generate.GenerateOptions;
import dev.cria.generate.Sampling;
import dev.cria.model.EndOfText;
import dev.cria.model.LanguageModel;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.weights.GenerationConfig;
import dev.cria.weights.ModelPlace;
import dev.cria.weights.Models;
import dev.cria.weights.PartEdit;
import dev.cria.weights.Precision;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** A model of a directory, ready to be asked, with its tokenizer where the directory holds one. */
public record OpenModel(
        LanguageModel model, Kernels kernels, Optional<Tokenizer> tokenizer, GenerationConfig generation)
        implements AutoCloseable {

    /** Opens a model directory, the newest checkpoint of a run, or a tuning run or adapter upon its base. */
    public static OpenModel open(Path path, Device device, Precision precision) {
        return open(path, Optional.empty(), device, precision);
    }

    /** The same with an adapter, if one is given, added to its weights in place of its own. */
    public static OpenModel open(Path path, Optional<Path> given, Device device, Precision precision) {
        Optional<Path> own = given.isPresent() ? Optional.empty() : PeftFiles.find(path);
        Path directory = ModelPlace.of(own.map(PeftFiles::base).orElse(path));
        Optional<Path> adapter = given.or(() -> own);
        // Half a second of work for GPT-2's, while the weights are read.
        var tokenizer = new FutureTask<>(() -> tokenizer(directory));
        Thread.ofPlatform().daemon().name("tokenizer").start(tokenizer);
        LanguageModel model = precision == Precision.INT8
                ? quantized(directory, adapter, device)
                : dense(directory, adapter, device, precision.dtype());
        try {
            return new OpenModel(
                    model, Kernels.of(device, Kernels.Choice.AUTO), result(tokenizer), GenerationConfig.of(directory));
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /** Opens a model directory for whoever has its tokenizer already. */
    public static OpenModel withoutTokenizer(Path directory, Device device, DType dtype) {
        LanguageModel model = Models.open(directory, device, dtype);
        return new OpenModel(
                model, Kernels.of(device, Kernels.Choice.AUTO), Optional.empty(), GenerationConfig.of(directory));
    }

    private static Optional<Tokenizer> tokenizer(Path directory) {
        return Files.isRegularFile(directory.resolve("tokenizer.json"))
                ? Optional.of(Tokenizers.load(directory))
                : Optional.empty();
    }

    private static <T> T result(FutureTask<T> task) {
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WorkException("opening the model was interrupted", "run the command again", e);
        }
    }

    private static LanguageModel dense(Path directory, Optional<Path> adapter, Device device, DType dtype) {
        if (adapter.isEmpty()) {
            return Models.open(directory, device, dtype);
        }
        LanguageModel model = Models.load(directory, device, Storage.inference(dtype));
        try {
            Merge.addTo(model, adapter.get());
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
        return model;
    }

    private static LanguageModel quantized(Path directory, Optional<Path> adapter, Device device) {
        DType activations = Precision.INT8.dtype();
        return adapter.isPresent()
                ? Merge.loadQuantized(directory, adapter.get(), device, activations)
                : Models.loadQuantized(directory, device, activations, PartEdit.none());
    }

    /** Tells of an end of texts that is none. */
    public void warn(Progress progress) {
        tokenizer.flatMap(t -> EndOfText.warning(model.config(), t)).ifPresent(progress::say);
    }

    public Tokenizer requireTokenizer() {
        return tokenizer.orElseThrow(() -> new RequestException(
                "the model's directory has no tokenizer.json",
                Optional.ofNullable(generation.file().getParent())
                        .flatMap(Tokenizers::conversion)
                        .orElse("copy one there, or give --prompt-ids \"1 2 3\"")));
    }

    public GenerateOptions options(int maxNewTokens, Sampling sampling, long seed, int count) {
        generation.requirePlain();
        int vocab = model.config().vocabSize();
        int vocabulary = tokenizer.map(Tokenizer::vocabularySize).orElse(vocab);
        return new GenerateOptions(maxNewTokens, sampling, seed, count, Math.min(vocab, vocabulary), endTokens());
    }

    /** What ends a text: the end tokens of its generation_config and of its tokenizer. */
    public Set<Integer> endTokens() {
        Set<Integer> ends = new HashSet<>();
        ends.addAll(generation.endTokens());
        tokenizer.ifPresent(t -> t.endOfText().ifPresent(ends::add));
        return ends;
    }

    @Override
    public void close() {
        model.close();
    }
}
