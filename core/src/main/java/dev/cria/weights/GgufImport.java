package dev.cria.weights;

import dev.cria.RequestException;
import dev.cria.UnknownKeys;
import dev.cria.format.AtomicFiles;
import dev.cria.format.GgufFile;
import dev.cria.format.GgufType;
import dev.cria.format.SafetensorsWriter;
import dev.cria.format.StorageType;
import dev.cria.format.TensorSource;
import dev.cria.model.HuggingFaceKeys;
import dev.cria.model.ModelConfig;
import dev.cria.nn.ParameterSpec;
import dev.cria.nn.ParameterSpec.Part;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes the model of a GGUF file as a Hugging Face directory: what {@link GgufExport} does, the other way round.
 * Quantized matrices become float32, so that their numbers stay those that the file stands for.
 */
public final class GgufImport {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String HEAD = "output.weight";
    private static final String ROPE = "rope_freqs.weight";

    /** What one frequency may differ by from the one that the configuration makes. */
    private static final float SAME_FREQUENCY = 1e-4f;

    private static final Set<String> KNOWN = Set.of(
            "block_count",
            "context_length",
            "embedding_length",
            "feed_forward_length",
            "vocab_size",
            "attention.head_count",
            "attention.head_count_kv",
            "attention.key_length",
            "attention.value_length",
            "attention.layer_norm_rms_epsilon",
            "attention.layer_norm_epsilon",
            "attention.causal",
            "rope.dimension_count",
            "rope.freq_base",
            "rope.scaling.type",
            "rope.scaling.factor",
            "rope.scaling.attn_factor",
            "rope.scaling.original_context_length",
            "rope.scaling.finetuned");

    private final GgufFile file;
    private final String family;

    private GgufImport(GgufFile file) {
        this.file = file;
        this.family = String.valueOf(file.keys().get("general.architecture"));
    }

    /** Whether a name means a GGUF file. */
    public static boolean isOne(Path path) {
        return String.valueOf(path.getFileName()).endsWith(".gguf");
    }

    /**
     * Writes config.json, the tokenizer's files and the weights into a directory.
     *
     * @throws RequestException if the file has a model, a tokenizer or a type that is not read
     */
    public static void write(Path gguf, Path directory) {
        try (GgufFile file = GgufFile.open(gguf)) {
            new GgufImport(file).write(directory);
        } catch (ArithmeticException e) {
            throw new RequestException(gguf + " claims sizes that no file has", "fetch the file again");
        }
    }

    private void write(Path directory) {
        Map<String, Object> keys = configKeys();
        ModelConfig config =
                ModelConfig.ofHuggingFace(new HuggingFaceKeys(file.path().toString(), keys));
        if (config.layers() > file.tensors().size()) {
            throw file.damaged("it has " + file.tensors().size() + " tensors for " + config.layers() + " layers");
        }
        List<TensorSource> sources = sources(config);
        Map<String, String> tokenizer = GgufTokenizerFiles.of(file);
        AtomicFiles.write(directory.resolve("config.json"), JSON.writeValueAsString(keys) + "\n");
        tokenizer.forEach((name, content) -> AtomicFiles.write(directory.resolve(name), content));
        SafetensorsWriter.writeDirectory(
                directory, "model", sources, Map.of("format", "pt"), SafetensorsWriter.SHARD_BYTES);
    }

    private Map<String, Object> configKeys() {
        Map<String, Object> own = new LinkedHashMap<>();
        file.keys().forEach((key, value) -> {
            if (key.startsWith(family + ".")) {
                own.put(key.substring(family.length() + 1), value);
            }
        });
        own.values().removeIf(value -> value instanceof Long number && number == 0);
        UnknownKeys.check(file.path() + ": " + family, own, KNOWN);
        if (file.keys().get("split.count") instanceof Long parts && parts > 1) {
            throw new RequestException(
                    file.path() + " is one of " + parts + " parts of a model",
                    "llama-gguf-split --merge makes one file");
        }
        Map<String, Object> keys = new LinkedHashMap<>();
        putId(keys, "bos_token_id");
        putId(keys, "eos_token_id");
        keys.put(
                "vocab_size",
                file.find("token_embd.weight")
                        .orElseThrow(() -> file.damaged("token_embd.weight is missing"))
                        .shape()[0]);
        switch (family) {
            case "gpt2" -> putGpt2(keys, own);
            case "llama", "qwen2", "qwen3" -> putLlama(keys, own);
            default ->
                throw new RequestException(
                        file.path() + ": general.architecture is " + family + ", which is not read",
                        "llama, qwen2, qwen3 and gpt2 are; Mistral's are llama");
        }
        return keys;
    }

    private void putId(Map<String, Object> keys, String key) {
        Object id = file.keys().get("tokenizer.ggml." + key);
        if (id != null) {
            keys.put(key, id);
        }
    }

    private static void put(Map<String, Object> keys, String key, Map<String, Object> own, String name) {
        Object value = own.get(name);
        if (value != null) {
            keys.put(key, value);
        }
    }

    private static void putGpt2(Map<String, Object> keys, Map<String, Object> own) {
        keys.put("model_type", "gpt2");
        keys.put("activation_function", "gelu_new");
        put(keys, "n_embd", own, "embedding_length");
        put(keys, "n_head", own, "attention.head_count");
        put(keys, "n_inner", own, "feed_forward_length");
        put(keys, "n_layer", own, "block_count");
        put(keys, "n_positions", own, "context_length");
        put(keys, "layer_norm_epsilon", own, "attention.layer_norm_epsilon");
    }

    private void putLlama(Map<String, Object> keys, Map<String, Object> own) {
        keys.put("model_type", family);
        if (family.equals("llama")) {
            keys.put("attention_bias", file.find("blk.0.attn_output.bias").isPresent());
            keys.put("mlp_bias", file.find("blk.0.ffn_down.bias").isPresent());
        }
        put(keys, "hidden_size", own, "embedding_length");
        put(keys, "num_hidden_layers", own, "block_count");
        put(keys, "num_attention_heads", own, "attention.head_count");
        put(keys, "num_key_value_heads", own, "attention.head_count_kv");
        put(keys, "intermediate_size", own, "feed_forward_length");
        put(keys, "max_position_embeddings", own, "context_length");
        put(keys, "rms_norm_eps", own, "attention.layer_norm_rms_epsilon");
        put(keys, "head_dim", own, "attention.key_length");
        keys.put("rope_theta", own.getOrDefault("rope.freq_base", 10_000.0));
        keys.put("tie_word_embeddings", file.find(HEAD).isEmpty());
        Object whole = own.getOrDefault("attention.key_length", own.get("rope.dimension_count"));
        for (String name : List.of("rope.dimension_count", "attention.value_length")) {
            if (own.containsKey(name) && !own.get(name).equals(whole)) {
                throw new RequestException(
                        "%s: %s.%s is %s, and a head has %s".formatted(file.path(), family, name, own.get(name), whole),
                        "take a model that rotates whole heads");
            }
        }
        putRopeScaling(keys, own);
    }

    private void putRopeScaling(Map<String, Object> keys, Map<String, Object> own) {
        if (file.find(ROPE).isPresent()) {
            keys.put("rope_scaling", llama3(own));
            return;
        }
        String type = String.valueOf(own.getOrDefault("rope.scaling.type", "none"));
        Object factor = own.getOrDefault("rope.scaling.factor", 1.0);
        switch (type) {
            case "none" -> {}
            case "linear" -> keys.put("rope_scaling", Map.of("rope_type", "linear", "factor", factor));
            case "yarn" -> {
                Map<String, Object> section = new LinkedHashMap<>(Map.of("rope_type", "yarn", "factor", factor));
                put(section, "original_max_position_embeddings", own, "rope.scaling.original_context_length");
                if (own.get("rope.scaling.attn_factor") instanceof Double relative && relative != 1) {
                    // YaRN's own factor, that this one is relative to.
                    double usual = 0.1 * Math.log(((Number) factor).doubleValue()) + 1;
                    section.put("attention_factor", relative * usual);
                }
                keys.put("rope_scaling", section);
            }
            default ->
                throw new RequestException(
                        file.path() + ": rope.scaling.type is " + type + ", which is not read",
                        "none, linear and yarn are");
        }
    }

    /**
     * Llama 3.1's scaling from the divisors that it leaves in the file. They hold the factor and the length that the model
     * was first trained with; the two bounds between which they grow are the same in all its models.
     */
    private Map<String, Object> llama3(Map<String, Object> own) {
        GgufFile.Tensor tensor = file.find(ROPE).orElseThrow();
        float[] divisors = tensor.type().floats(tensor.bytes());
        double factor = divisors[divisors.length - 1];
        double theta = own.get("rope.freq_base") instanceof Double base ? base : 10_000;
        double original = 8192;
        for (int i = 0; i < divisors.length; i++) {
            double kept = (1 / divisors[i] - 1 / factor) / (1 - 1 / factor);
            if (kept > 0.01 && kept < 0.99) {
                original = Math.rint((3 * kept + 1) * 2 * Math.PI * Math.pow(theta, (double) i / divisors.length));
                break;
            }
        }
        for (int i = 0; i < divisors.length; i++) {
            double waves = original * Math.pow(theta, -(double) i / divisors.length) / (2 * Math.PI);
            double kept = Math.clamp((waves - 1) / 3, 0, 1);
            double divisor = 1 / ((1 - kept) / factor + kept);
            if (!(Math.abs(divisors[i] - divisor) <= SAME_FREQUENCY * divisor)) {
                throw new RequestException(
                        file.path() + ": rope_freqs.weight is no scaling of Llama 3.1's",
                        "take the model's safetensors");
            }
        }
        return Map.of(
                "rope_type",
                "llama3",
                "factor",
                factor,
                "low_freq_factor",
                1.0,
                "high_freq_factor",
                4.0,
                "original_max_position_embeddings",
                (long) original);
    }

    private List<TensorSource> sources(ModelConfig config) {
        Set<String> left = new HashSet<>(file.tensors().keySet());
        left.remove(ROPE);
        List<TensorSource> sources = new ArrayList<>();
        for (ParameterSpec spec : config.parameterSpecs()) {
            for (Part part : spec.parts()) {
                String name = GgufNames.of(part.name());
                GgufFile.Tensor tensor = file.find(name).orElseThrow(() -> file.damaged(name + " is missing"));
                requireShape(tensor, part);
                sources.add(source(config, part, tensor));
                left.remove(name);
            }
        }
        if (left.contains(HEAD) && isTable(file.find(HEAD).orElseThrow())) {
            left.remove(HEAD);
        }
        if (!left.isEmpty()) {
            throw new RequestException(
                    file.path() + ": " + left.stream().sorted().findFirst().orElseThrow() + " is no part of a " + family
                            + " that is computed here",
                    "see docs/interop.md for what is read");
        }
        return sources;
    }

    /** A tied head may be there a second time. */
    private boolean isTable(GgufFile.Tensor head) {
        return head.bytes()
                        .mismatch(file.find("token_embd.weight").orElseThrow().bytes())
                < 0;
    }

    private void requireShape(GgufFile.Tensor tensor, Part part) {
        long[] shape = part.shape().stream().mapToLong(Long::longValue).toArray();
        if (!Arrays.equals(tensor.shape(), shape)) {
            throw file.damaged("%s has shape %s where the keys make it %s"
                    .formatted(tensor.name(), Arrays.toString(tensor.shape()), Arrays.toString(shape)));
        }
    }

    /** A row at a time, or the whole where it is turned. */
    private TensorSource source(ModelConfig config, Part part, GgufFile.Tensor tensor) {
        long[] stored = TensorFiles.of(config).storedShape(part);
        StorageType type =
                switch (tensor.type()) {
                    case F16 -> StorageType.F16;
                    case BF16 -> StorageType.BF16;
                    case F32, Q4_0, Q8_0, Q4_K, Q6_K -> StorageType.F32;
                };
        boolean plain = tensor.type() == GgufType.F16 || tensor.type() == GgufType.BF16;
        if (config.isStoredTransposed(part)) {
            return TensorSource.streamed(
                    part.name(), StorageType.F32, stored, sink -> sink.write(MemorySegment.ofArray(turned(tensor))));
        }
        long rows = tensor.shape()[0];
        long rowBytes = tensor.bytes().byteSize() / rows;
        return TensorSource.streamed(part.name(), type, stored, sink -> {
            for (long row = 0; row < rows; row++) {
                MemorySegment bytes = tensor.bytes().asSlice(source(config, part, row) * rowBytes, rowBytes);
                sink.write(plain ? bytes : MemorySegment.ofArray(tensor.type().floats(bytes)));
            }
        });
    }

    private static float[] turned(GgufFile.Tensor tensor) {
        int rows = Math.toIntExact(tensor.shape()[0]);
        int columns = Math.toIntExact(tensor.shape()[1]);
        float[] numbers = tensor.type().floats(tensor.bytes());
        float[] turned = new float[numbers.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                turned[column * rows + row] = numbers[row * columns + column];
            }
        }
        return turned;
    }

    /** Where a row of Hugging Face's order stands in the file, which has each head's halves dealt out alternately. */
    private static long source(ModelConfig config, Part part, long row) {
        boolean rotated =
                part.name().contains("self_attn.q_proj.") || part.name().contains("self_attn.k_proj.");
        if (!config.gguf().interleavesHeads() || !rotated) {
            return row;
        }
        long headDim = config.heads().headDim();
        long half = headDim / 2;
        long within = row % headDim;
        return row - within + within % half * 2 + within / half;
    }
}
