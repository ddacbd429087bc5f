package dev.cria.weights;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.format.AtomicDirectory;
import dev.cria.format.SafetensorsWriter;
import dev.cria.format.StorageType;
import dev.cria.format.TensorSource;
import dev.cria.model.EndOfText;
import dev.cria.model.ModelConfig;
import dev.cria.nn.ParameterSpec.Part;
import dev.cria.tensor.DType;
import dev.cria.tensor.Tensor;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Writes a model directory anew: in another type, without the padding of its vocabulary, in the names and files that
 * every reader knows. Goes through the weights one by one.
 */
public final class ModelExport {
    private final StoredModel model;
    private final ModelConfig config;
    private final Optional<Tokenizer> tokenizer;
    private final int vocabulary;

    private ModelExport(StoredModel model, ModelConfig config, Optional<Tokenizer> tokenizer, int vocabulary) {
        this.model = model;
        this.config = config;
        this.tokenizer = tokenizer;
        this.vocabulary = vocabulary;
    }

    /** Which rows of the vocabulary are kept. */
    public sealed interface Vocabulary {
        /** As many as the tokenizer has ids; all where there is no tokenizer. */
        record OfTokenizer() implements Vocabulary {}

        record All() implements Vocabulary {}

        record First(int ids) implements Vocabulary {}
    }

    /**
     * Writes a Hugging Face directory.
     *
     * @param runOrModel a model directory, or a run
     * @param dtype of the weights; as they are where none is given
     */
    public static void toHuggingFace(Path runOrModel, Path out, Optional<DType> dtype, Vocabulary vocabulary) {
        Path source = ModelPlace.of(runOrModel);
        try (StoredModel model = StoredModel.open(source)) {
            Optional<Tokenizer> tokenizer = tokenizer(source);
            int rows = rows(vocabulary, model.config(), tokenizer);
            ModelExport export = new ModelExport(model, model.config(), tokenizer, rows);
            String card = ModelCard.of(model.config().withVocabSize(rows), runOrModel, out);
            AtomicDirectory.write(out, directory -> export.write(directory, dtype, card));
        }
    }

    /**
     * Writes a Hugging Face directory of what another tool made, as it is, but for an end of texts that is LLaMA's under
     * GPT-2's vocabulary, which the paper's converter leaves behind: that is corrected, and told.
     */
    public static void imported(Path directory, Path out, Progress progress) {
        Path source = ModelPlace.of(directory);
        try (StoredModel model = StoredModel.open(source)) {
            Optional<Tokenizer> tokenizer = tokenizer(source);
            Optional<ModelConfig> corrected = tokenizer.flatMap(t -> EndOfText.corrected(model.config(), t));
            corrected.ifPresent(config -> progress.say(
                    "bos_token_id 1 and eos_token_id 2 are ordinary text in GPT-2's vocabulary; corrected to %d"
                            .formatted(config.endOfText().orElseThrow())));
            int rows = rows(new Vocabulary.All(), model.config(), tokenizer);
            ModelConfig config = corrected.orElse(model.config());
            ModelExport export = new ModelExport(model, config, tokenizer, rows);
            String card = ModelCard.of(config.withVocabSize(rows), directory, out);
            AtomicDirectory.write(out, target -> export.write(target, Optional.empty(), card));
        }
    }

    static Optional<Tokenizer> tokenizer(Path directory) {
        boolean there = Files.isRegularFile(directory.resolve("tokenizer.json"));
        return there ? Optional.of(Tokenizers.load(directory)) : Optional.empty();
    }

    /** Rows of the embedding that are kept. */
    static int rows(Vocabulary vocabulary, ModelConfig config, Optional<Tokenizer> tokenizer) {
        int all = config.vocabSize();
        OptionalInt ids = tokenizer.map(t -> OptionalInt.of(t.vocabularySize())).orElse(OptionalInt.empty());
        if (ids.orElse(0) > all) {
            throw new RequestException(
                    "the tokenizer has " + ids.getAsInt() + " ids and the model " + all,
                    "put the tokenizer beside it that the model was trained with");
        }
        return switch (vocabulary) {
            case Vocabulary.All() -> all;
            case Vocabulary.OfTokenizer() -> ids.orElse(all);
            case Vocabulary.First(int wanted) -> {
                if (wanted < ids.orElse(1) || wanted > all) {
                    throw new RequestException(
                            "--trim-vocab is " + wanted + ", not from " + ids.orElse(1) + " (the tokenizer's ids) to "
                                    + all + " (the model's)",
                            "remove it: the padding is trimmed automatically");
                }
                yield wanted;
            }
        };
    }

    private void write(Path directory, Optional<DType> dtype, String card) throws IOException {
        Part first = model.parts().getFirst();
        DType stated = dtype.orElseGet(() -> StorageTypes.dtype(model.type(first), first.name()));
        Models.writeConfigs(config.withVocabSize(vocabulary), directory, stated);
        keepGenerationConfig(directory);
        tokenizer.ifPresent(t -> Tokenizers.save(t, directory));
        Files.writeString(directory.resolve("README.md"), card);
        List<TensorSource> sources =
                model.parts().stream().map(part -> source(part, dtype)).toList();
        SafetensorsWriter.writeDirectory(
                directory, "model", sources, Map.of("format", "pt"), SafetensorsWriter.SHARD_BYTES);
    }

    /** As it is, unless it ends texts as a corrected model did: it may name several tokens for that, and how to sample. */
    private void keepGenerationConfig(Path out) throws IOException {
        GenerationConfig generation = GenerationConfig.of(model.directory());
        if (!config.endOfText().equals(model.config().endOfText())) {
            return;
        }
        if (!generation.keys().isEmpty()) {
            Files.copy(generation.file(), out.resolve("generation_config.json"), StandardCopyOption.REPLACE_EXISTING);
        } else if (generation.endTokens().size() > 1) {
            Models.writeGenerationConfig(out, List.copyOf(generation.endTokens()));
        }
    }

    private TensorSource source(Part part, Optional<DType> dtype) {
        StorageType type = dtype.map(StorageTypes::of).orElseGet(() -> model.type(part));
        DType target = StorageTypes.dtype(type, part.name());
        long[] shape = TensorFiles.of(model.config()).storedShape(part);
        if (model.config().isVocabulary(part)) {
            shape[0] = vocabulary;
        }
        return TensorSource.streamed(part.name(), type, shape, sink -> {
            try (Tensor stored = model.stored(part);
                    Tensor kept = stored.rows(0, shape[0]);
                    Tensor converted = kept.to(target)) {
                sink.write(converted.segment());
            }
        });
    }
}
