package dev.cria.cli;

import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.generate.GenerateOptions;
import dev.cria.generate.Sampling;
import dev.cria.model.LanguageModel;
import dev.cria.model.ModelPlace;
import dev.cria.model.Models;
import dev.cria.model.PartEdit;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.tune.Merge;
import dev.cria.tune.PeftFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** A model of a directory, ready to be asked, with its tokenizer where the directory holds one. */
record OpenModel(LanguageModel model, Kernels kernels, Optional<Tokenizer> tokenizer) implements AutoCloseable {

    /** Opens a model directory, the newest checkpoint of a run, or a tuning run or adapter upon its base. */
    static OpenModel open(Path path, ComputeOptions compute) {
        Optional<Path> adapter = PeftFiles.find(path);
        return open(adapter.map(PeftFiles::base).orElse(path), adapter, compute);
    }

    /** Opens a model with an adapter added to its weights. */
    static OpenModel open(Path runOrModel, Optional<Path> adapter, ComputeOptions compute) {
        Path directory = ModelPlace.of(runOrModel);
        // Half a second of work for GPT-2's, while the weights are read.
        var tokenizer = new FutureTask<>(() -> tokenizer(directory));
        Thread.ofPlatform().daemon().name("tokenizer").start(tokenizer);
        var device = compute.device();
        LanguageModel model = compute.precision() == Precision.INT8
                ? packed(directory, adapter, device)
                : dense(directory, adapter, device, compute.precision().dtype());
        try {
            return new OpenModel(model, Kernels.of(device, Kernels.Choice.AUTO), result(tokenizer));
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
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
            throw new WorkException("opening the model was interrupted", "begin again", e);
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

    private static LanguageModel packed(Path directory, Optional<Path> adapter, Device device) {
        DType activations = Precision.INT8.dtype();
        return adapter.isPresent()
                ? Merge.loadPacked(directory, adapter.get(), device, activations)
                : Models.loadPacked(directory, device, activations, PartEdit.none());
    }

    Tokenizer requireTokenizer() {
        return tokenizer.orElseThrow(() -> new RequestException(
                "the model's directory has no tokenizer.json", "copy one there, or give --prompt-ids \"1 2 3\""));
    }

    GenerateOptions options(int maxNewTokens, Sampling sampling, long seed, int count) {
        int vocab = model.config().vocabSize();
        int vocabulary = tokenizer.map(Tokenizer::vocabularySize).orElse(vocab);
        return new GenerateOptions(maxNewTokens, sampling, seed, count, Math.min(vocab, vocabulary), endTokens());
    }

    private Set<Integer> endTokens() {
        Set<Integer> ends = new HashSet<>();
        model.config().endOfText().ifPresent(ends::add);
        tokenizer.ifPresent(t -> t.endOfText().ifPresent(ends::add));
        return ends;
    }

    @Override
    public void close() {
        model.close();
    }
}
