package dev.cria.weights;

import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.format.AtomicFiles;
import dev.cria.format.SafetensorsWriter;
import dev.cria.format.TensorEntry;
import dev.cria.format.TensorSource;
import dev.cria.format.TorchFile;
import dev.cria.model.HuggingFaceKeys;
import dev.cria.model.ModelConfig;
import dev.cria.nn.ParameterSpec.Part;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes the model of a checkpoint of the paper's own training code as a Hugging Face directory: {@code model_05000.pt}, with
 * {@code model} and {@code config}, LLaMA or GPT-2 in build-nanogpt's names. Its vocabulary is GPT-2's, padded; texts end
 * with 50256.
 */
public final class TorchImport {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String GPT2 = "gpt2";

    /** What wrappers put before the names: compiled and distributed modules. */
    private static final List<String> PREFIXES = List.of("module.", "_orig_mod.");

    private final TorchFile file;

    private TorchImport(TorchFile file) {
        this.file = file;
    }

    /** Whether a name means a checkpoint of torch.save. */
    public static boolean isOne(Path path) {
        String name = String.valueOf(path.getFileName());
        return name.endsWith(".pt") || name.endsWith(".pth");
    }

    /** Writes config.json, GPT-2's tokenizer and the weights into a directory. */
    public static void write(Path checkpoint, Path directory) {
        try (TorchFile file = TorchFile.open(checkpoint)) {
            new TorchImport(file).write(directory);
        }
    }

    private void write(Path directory) {
        Map<String, Object> keys = keys();
        ModelConfig config = ModelConfig.ofHuggingFace(new HuggingFaceKeys(file.path() + ": config", keys));
        if (config.layers() > file.names().size()) {
            throw differs(
                    "it has %d tensors for %d layers".formatted(file.names().size(), config.layers()));
        }
        List<TensorSource> sources = config.parameterSpecs().stream()
                .flatMap(spec -> spec.parts().stream())
                .map(part -> source(config, part))
                .toList();
        AtomicFiles.write(directory.resolve("config.json"), JSON.writeValueAsString(config.toHuggingFace()) + "\n");
        Tokenizer tokenizer = Tokenizers.named(GPT2);
        Tokenizers.save(tokenizer, directory);
        SafetensorsWriter.writeDirectory(
                directory, "model", sources, Map.of("format", "pt"), SafetensorsWriter.SHARD_BYTES);
    }

    private Map<String, Object> keys() {
        Map<String, Object> own = file.config();
        Map<String, Object> keys = new LinkedHashMap<>();
        if (own.containsKey("n_embd")) {
            keys.put("model_type", GPT2);
            take(own, "n_embd", keys, "n_embd");
            take(own, "n_layer", keys, "n_layer");
            take(own, "n_head", keys, "n_head");
            take(own, "block_size", keys, "n_positions");
        } else if (own.containsKey("dim")) {
            keys.put("model_type", "llama");
            take(own, "dim", keys, "hidden_size");
            take(own, "intermediate_size", keys, "intermediate_size");
            take(own, "n_layers", keys, "num_hidden_layers");
            take(own, "n_heads", keys, "num_attention_heads");
            take(own, "n_kv_heads", keys, "num_key_value_heads");
            take(own, "max_seq_len", keys, "max_position_embeddings");
            take(own, "norm_eps", keys, "rms_norm_eps");
            take(own, "rope_theta", keys, "rope_theta");
            keys.put("tie_word_embeddings", false);
        } else {
            throw new RequestException(
                    file.path() + " has no config that says how large the model is",
                    "a checkpoint with \"model\" and \"config\", as the paper's train.py writes it");
        }
        take(own, "vocab_size", keys, "vocab_size");
        int end = Tokenizers.named(GPT2).endOfText().orElseThrow();
        if (keys.get("vocab_size") instanceof Number ids && ids.longValue() <= end) {
            throw differs("its vocabulary has " + ids + " ids, and GPT-2's tokenizer " + (end + 1));
        }
        keys.put("bos_token_id", end);
        keys.put("eos_token_id", end);
        return keys;
    }

    private void take(Map<String, Object> own, String name, Map<String, Object> keys, String key) {
        Object value = own.get(name);
        if (value == null) {
            throw differs("its config has no " + name);
        }
        boolean whole = value instanceof Long number && number == number.intValue();
        keys.put(key, whole ? ((Long) value).intValue() : value);
    }

    private WorkException differs(String why) {
        return new WorkException(
                file.path() + " is not a checkpoint of the paper's training code: " + why,
                "convert it to a Hugging Face directory with the code that made it");
    }

    private TensorSource source(ModelConfig config, Part part) {
        String name = name(part.name());
        TensorEntry entry = file.find(name).orElseThrow(() -> differs("it has no tensor " + part.name()));
        long[] computed = part.shape().stream().mapToLong(Long::longValue).toArray();
        if (!Arrays.equals(entry.shape(), computed)) {
            throw differs("%s has the shape %s where its config makes it %s"
                    .formatted(part.name(), Arrays.toString(entry.shape()), Arrays.toString(computed)));
        }
        boolean turned = config.isStoredTransposed(part);
        long[] stored = TensorFiles.of(config).storedShape(part);
        int width = entry.type().bytes();
        return TensorSource.streamed(part.name(), entry.type(), stored, sink -> {
            byte[] bytes = file.bytes(name);
            sink.write(MemorySegment.ofArray(
                    turned ? transposed(bytes, (int) computed[0], (int) computed[1], width) : bytes));
        });
    }

    /** The checkpoint's name of a tensor. */
    private String name(String name) {
        return PREFIXES.stream()
                .map(prefix -> prefix + name)
                .filter(longer -> file.find(longer).isPresent())
                .findFirst()
                .orElse(name);
    }

    /** Of a matrix of [rows, columns]. */
    private static byte[] transposed(byte[] bytes, int rows, int columns, int width) {
        byte[] turned = new byte[bytes.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                System.arraycopy(bytes, (row * columns + column) * width, turned, (column * rows + row) * width, width);
            }
        }
        return turned;
    }
}
