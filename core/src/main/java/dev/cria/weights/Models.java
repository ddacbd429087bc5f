package dev.cria.weights;

import dev.cria.RequestException;
import dev.cria.format.AtomicFiles;
import dev.cria.format.SafetensorsDirectory;
import dev.cria.model.HuggingFaceKeys;
import dev.cria.model.LanguageModel;
import dev.cria.model.ModelConfig;
import dev.cria.model.Weights;
import dev.cria.nn.Parameter;
import dev.cria.nn.ParameterSpec.Init;
import dev.cria.nn.Parameters;
import dev.cria.nn.Parameters.Storage;
import dev.cria.run.WeightsId;
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

    private static final String HEAD = "lm_head.weight";

    /** Numbers that are drawn before they are copied to the device. */
    private static final long FILL_CHUNK = 1 << 18;

    private Models() {}

    /** A model with undefined weights, that the caller fills and closes. */
    public static LanguageModel allocate(ModelConfig config, Device device, Storage storage) {
        return config.over(Weights.of(Parameters.allocate(config.parameterSpecs(), device, storage), device));
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
                    directory + " is not a model directory: config.json is missing",
                    "name a checkpoint such as RUN/checkpoints/step-0000100, or another Hugging Face directory");
        }
        try {
            Map<String, Object> keys = JSON.readValue(file, new TypeReference<LinkedHashMap<String, Object>>() {});
            return asStored(ModelConfig.ofHuggingFace(new HuggingFaceKeys(file.toString(), keys)), directory);
        } catch (JacksonException e) {
            throw new RequestException(
                    file + " is not JSON: " + e.getOriginalMessage(), "take config.json from the model again");
        }
    }

    /** As transformers does: a head in the files that differs from the embedding is not tied, whatever is stated. */
    private static ModelConfig asStored(ModelConfig config, Path directory) {
        boolean files = Files.exists(directory.resolve("model.safetensors"))
                || Files.exists(directory.resolve("model.safetensors.index.json"));
        if (!config.tieWordEmbeddings() || !files) {
            return config;
        }
        try (var tensors = SafetensorsDirectory.open(directory, "model")) {
            // A stranger's number of layers is believed only as far as there are tensors.
            if (tensors.find(HEAD).isEmpty()
                    || config.layers() > tensors.names().size()) {
                return config;
            }
            String table = config.parameterSpecs().getFirst().parts().getFirst().name();
            boolean differs =
                    tensors.find(table).isPresent() && tensors.data(HEAD).mismatch(tensors.data(table)) >= 0;
            return differs ? config.untied() : config;
        }
    }

    /** The model of a Hugging Face directory, converted to the types of {@code storage}. The caller closes it. */
    public static LanguageModel load(Path directory, Device device, Storage storage) {
        return readConfig(directory).over(loadWeights(directory, device, storage));
    }

    /**
     * The model of a directory to be read and never written to: on the CPU, weights that lie in the files as they are
     * needed stay there, so that a model is there at once and several processes share its memory. The caller closes it.
     */
    public static LanguageModel open(Path directory, Device device, DType compute) {
        StoredModel files = StoredModel.open(directory);
        Parameters parameters = files.parameters(files.config().parameterSpecs(), device, compute);
        return files.config().over(Weights.of(parameters, device));
    }

    /**
     * The model of a directory for decoding: matrices in 8 bits, activations and all else in {@code compute}. The caller
     * closes it.
     */
    public static LanguageModel loadQuantized(Path directory, Device device, DType compute, PartEdit edit) {
        StoredModel files = StoredModel.open(directory);
        return files.config().over(QuantizedWeights.load(files, device, compute, DType.INT8, edit));
    }

    /** The weights of a Hugging Face directory, converted to the types of {@code storage}. The caller closes them. */
    public static Weights loadWeights(Path directory, Device device, Storage storage) {
        // The sizes that config.json states are allocated only after the files' headers have borne them out.
        try (StoredModel files = StoredModel.open(directory)) {
            ModelConfig config = files.config();
            Parameters parameters = Parameters.allocate(config.parameterSpecs(), device, storage);
            try {
                TensorFiles.of(config).read(directory, "model", parameters, Models::weights, UnaryOperator.identity());
                parameters.refreshValues();
                return Weights.of(parameters, device);
            } catch (RuntimeException e) {
                parameters.close();
                throw e;
            }
        }
    }

    /** A parameter's numbers in the widest type that is kept. */
    public static Tensor weights(Parameter parameter) {
        return parameter.master().orElse(parameter.value());
    }

    /** Writes config.json, generation_config.json and the weights; the files written. */
    public static List<Path> save(LanguageModel model, Path directory, DType dtype) {
        return save(model, directory, dtype, Models::weights);
    }

    /**
     * The same with the weights taken from elsewhere, such as a snapshot of the parameters. Where ranks share them, the files
     * of weights have room for what each rank {@link #fill fills in}.
     */
    public static List<Path> save(
            LanguageModel model, Path directory, DType dtype, Function<Parameter, Tensor> weights) {
        List<Path> written = new ArrayList<>(writeConfigs(model.config(), directory, dtype));
        written.addAll(TensorFiles.of(model.config()).write(directory, "model", model.parameters(), weights, dtype));
        return written;
    }

    /** Writes this rank's parameters into the files that {@link #save} has made. */
    public static void fill(LanguageModel model, Path directory, DType dtype, Function<Parameter, Tensor> weights) {
        TensorFiles.of(model.config()).fill(directory, "model", model.parameters(), weights, dtype);
    }

    /** What {@link WeightsId} calls a checkpoint of these weights of a model, without one being written. */
    public static String weightsSha256(LanguageModel model, DType dtype, Function<Parameter, Tensor> weights) {
        return WeightsId.ofFiles(TensorFiles.of(model.config()).hashes(model.parameters(), weights, dtype));
    }

    /** Writes config.json and generation_config.json. */
    public static List<Path> writeConfigs(ModelConfig config, Path directory, DType dtype) {
        Map<String, Object> keys = new LinkedHashMap<>(config.toHuggingFace());
        keys.put("torch_dtype", dtype.name().toLowerCase(Locale.ROOT));
        Path configFile = directory.resolve("config.json");
        AtomicFiles.write(configFile, JSON.writeValueAsString(keys) + "\n");
        List<Integer> end = config.endOfText().stream().boxed().toList();
        return List.of(configFile, writeGenerationConfig(directory, end));
    }

    /** @param ends the ids that end a text */
    static Path writeGenerationConfig(Path directory, List<Integer> ends) {
        Map<String, Object> generation = new LinkedHashMap<>();
        generation.put("_from_model_config", true);
        if (!ends.isEmpty()) {
            generation.put("eos_token_id", ends.size() == 1 ? ends.getFirst() : ends);
        }
        Path file = directory.resolve("generation_config.json");
        AtomicFiles.write(file, JSON.writeValueAsString(generation) + "\n");
        return file;
    }
}
