package dev.cria.model;

import dev.cria.RequestException;
import dev.cria.format.AtomicFiles;
import dev.cria.nn.Parameter;
import dev.cria.nn.ParameterSpec.Init;
import dev.cria.nn.Parameters;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Makes models: new ones, and those of Hugging Face directories; and writes them back. */
public final class Models {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** Numbers that are drawn before they are copied to the device. */
    private static final long FILL_CHUNK = 1 << 18;

    private Models() {}

    /** A model with undefined weights, that the caller fills and closes. */
    public static LanguageModel allocate(ModelConfig config, Device device, Storage storage) {
        return over(config, Parameters.allocate(config.parameterSpecs(), device, storage), device);
    }

    private static LanguageModel over(ModelConfig config, Parameters parameters, Device device) {
        return switch (config) {
            case LlamaConfig llama -> new Llama(llama, parameters, device);
            case Gpt2Config gpt2 -> new Gpt2(gpt2, parameters, device);
        };
    }

    /** A new model. Each parameter has a random stream of its own, so the order and number of threads don't matter. */
    public static LanguageModel create(ModelConfig config, Device device, Storage storage, long seed) {
        LanguageModel model = allocate(config, device, storage);
        initialize(model.parameters(), seed);
        return model;
    }

    /** Fills parameters as their specifications say. */
    public static void initialize(Parameters parameters, long seed) {
        List<Parameter> list = parameters.list();
        SplittableRandom seeds = new SplittableRandom(seed);
        long[] streams = list.stream().mapToLong(_ -> seeds.nextLong()).toArray();
        IntStream.range(0, list.size()).parallel().forEach(i -> fill(list.get(i), streams[i]));
        parameters.refreshValues();
    }

    /** A chunk at a time, so that no parameter is ever there a second time in the host's memory. */
    private static void fill(Parameter parameter, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        DoubleSupplier numbers =
                switch (parameter.spec().init()) {
                    case Init.Constant(double value) -> () -> value;
                    case Init.Normal(double deviation) -> () -> random.nextGaussian() * deviation;
                    case Init.Uniform(double bound) -> () -> random.nextDouble(-bound, bound);
                };
        try (Tensor target = weights(parameter).view(parameter.elements());
                Tensor host = Tensor.empty(DType.FLOAT32, Device.CPU, Math.min(FILL_CHUNK, parameter.elements()))) {
            for (long start = 0; start < target.elements(); start += FILL_CHUNK) {
                fill(target, start, host, numbers);
            }
        }
    }

    private static void fill(Tensor target, long start, Tensor host, DoubleSupplier numbers) {
        long length = Math.min(host.elements(), target.elements() - start);
        MemorySegment memory = host.segment();
        for (long i = 0; i < length; i++) {
            memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) numbers.getAsDouble());
        }
        try (Tensor part = target.rows(start, length);
                Tensor filled = host.rows(0, length)) {
            part.copyFrom(filled);
        }
    }

    /** The configuration of a Hugging Face directory. */
    public static ModelConfig readConfig(Path directory) {
        Path file = directory.resolve("config.json");
        if (!Files.isRegularFile(file)) {
            throw new RequestException(
                    directory + " is no model: it has no config.json",
                    "name a checkpoint such as RUN/checkpoints/step-0000100, or another Hugging Face directory");
        }
        try {
            Map<String, Object> keys = JSON.readValue(file, new TypeReference<LinkedHashMap<String, Object>>() {});
            return ModelConfig.ofHuggingFace(new HuggingFaceKeys(file.toString(), keys));
        } catch (JacksonException e) {
            throw new RequestException(
                    file + " is not JSON: " + e.getOriginalMessage(), "take config.json from the model again");
        }
    }

    /** The model of a Hugging Face directory, converted to the types of {@code storage}. The caller closes it. */
    public static LanguageModel load(Path directory, Device device, Storage storage) {
        // The sizes that config.json states are allocated only after the files' headers have borne them out.
        try (StoredModel files = StoredModel.open(directory)) {
            return load(files.config(), directory, device, storage);
        }
    }

    /**
     * The model of a directory to be read and never written to: on the CPU, weights that lie in the files as they are
     * needed stay there, so that a model is there at once and several processes share its memory. The caller closes it.
     */
    public static LanguageModel open(Path directory, Device device, DType compute) {
        if (!device.isCpu()) {
            return load(directory, device, Storage.inference(compute));
        }
        StoredModel files = StoredModel.open(directory);
        Parameters parameters = files.parameters(files.config().parameterSpecs(), compute);
        return over(files.config(), parameters, device);
    }

    /**
     * The model of a directory for decoding: matrices in 8 bits, activations and all else in {@code compute}. The caller
     * closes it.
     */
    public static LanguageModel loadPacked(Path directory, Device device, DType compute, PartEdit edit) {
        if (device.isCpu()) {
            return loadPacked(StoredModel.open(directory), directory, device, compute, edit);
        }
        try (StoredModel files = StoredModel.open(directory)) {
            return loadPacked(files, directory, device, compute, edit);
        }
    }

    private static LanguageModel loadPacked(
            StoredModel files, Path directory, Device device, DType compute, PartEdit edit) {
        var weights = PackedWeights.load(files, directory, device, compute, edit);
        return switch (files.config()) {
            case LlamaConfig llama -> new Llama(llama, weights, device);
            case Gpt2Config gpt2 -> new Gpt2(gpt2, weights, device);
        };
    }

    private static LanguageModel load(ModelConfig config, Path directory, Device device, Storage storage) {
        LanguageModel model = allocate(config, device, storage);
        try {
            readWeights(model, directory);
            return model;
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /** Fills a model with the weights of a directory. */
    public static void readWeights(LanguageModel model, Path directory) {
        TensorFiles.of(model.config())
                .read(directory, "model", model.parameters(), Models::weights, UnaryOperator.identity());
        model.parameters().refreshValues();
    }

    /** A parameter's numbers in the widest type that is kept. */
    public static Tensor weights(Parameter parameter) {
        return parameter.master().orElse(parameter.value());
    }

    /** Writes config.json, generation_config.json and the weights; the files written. */
    public static List<Path> save(LanguageModel model, Path directory, DType dtype) {
        return save(model, directory, dtype, Models::weights);
    }

    /** The same with the weights taken from elsewhere, such as a snapshot of the parameters. */
    public static List<Path> save(
            LanguageModel model, Path directory, DType dtype, Function<Parameter, Tensor> weights) {
        List<Path> written = new ArrayList<>(writeConfigs(model.config(), directory, dtype));
        written.addAll(TensorFiles.of(model.config()).write(directory, "model", model.parameters(), weights, dtype));
        return written;
    }

    /** Writes config.json and generation_config.json. */
    public static List<Path> writeConfigs(ModelConfig config, Path directory, DType dtype) {
        Map<String, Object> keys = new LinkedHashMap<>(config.toHuggingFace());
        keys.put("torch_dtype", dtype.name().toLowerCase(Locale.ROOT));
        Map<String, Object> generation = new LinkedHashMap<>();
        generation.put("_from_model_config", true);
        config.endOfText().ifPresent(id -> generation.put("eos_token_id", id));
        Path configFile = directory.resolve("config.json");
        Path generationFile = directory.resolve("generation_config.json");
        AtomicFiles.write(configFile, JSON.writeValueAsString(keys) + "\n");
        AtomicFiles.write(generationFile, JSON.writeValueAsString(generation) + "\n");
        return List.of(configFile, generationFile);
    }
}
