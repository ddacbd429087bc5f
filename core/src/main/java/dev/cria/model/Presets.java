package dev.cria.model;

import dev.cria.RequestException;
import dev.cria.format.EditDistance;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The models that configurations call by name, and how a {@code model:} section becomes a configuration. */
public final class Presets {
    private static final int GPT2_VOCABULARY = 50257;

    /** Sizes of vocabulary are padded to a multiple of this: matrix products are faster on round shapes. */
    private static final int PADDING = 128;

    /** A key of configurations alone. */
    private static final String QK_NORM = "qk_norm";

    private Presets() {}

    /**
     * The model of a section: a preset, the keys of a Hugging Face config.json, or both, where keys win. Without a
     * preset the sizes are required and all else is dmas-1.7b's.
     *
     * @param sequenceLength what max_position_embeddings is where nothing says so
     */
    public static ModelConfig resolve(Map<String, Object> section, int sequenceLength) {
        Map<String, Object> keys = new LinkedHashMap<>();
        Object preset = section.get("preset");
        boolean gpt2 = "gpt2".equals(section.get("model_type"));
        if (preset != null) {
            keys.putAll(named(preset.toString()));
        } else if (!gpt2) {
            keys.putAll(constantsOfLlama());
            keys.put("max_position_embeddings", sequenceLength);
        } else {
            keys.put("n_positions", sequenceLength);
        }
        section.forEach((key, value) -> {
            if (!key.equals("preset")) {
                requireKnown(key, keys);
                keys.put(key, value);
            }
        });
        Object norms = keys.remove(QK_NORM);
        if (norms != null) {
            normHeads(keys, norms);
        }
        return ModelConfig.ofHuggingFace(new HuggingFaceKeys("model", keys));
    }

    /**
     * A LLaMA whose heads of queries and keys are normed is a Qwen3 with heads of a LLaMA's width, and is called so in its
     * files, so that whoever reads Qwen3 reads it.
     */
    private static void normHeads(Map<String, Object> keys, Object norms) {
        Object type = keys.getOrDefault("model_type", "llama");
        boolean wanted = norms.equals(true);
        if (!wanted && !norms.equals(false)) {
            throw new RequestException("model.qk_norm is " + norms + ", neither true nor false", "qk_norm: true");
        }
        if (!wanted && type.equals("qwen3")) {
            throw new RequestException(
                    "model.qk_norm is false, and model_type is qwen3, which has these norms", "model_type: llama");
        }
        if (!wanted || type.equals("qwen3")) {
            return;
        }
        if (!type.equals("llama")) {
            throw new RequestException(
                    "model.qk_norm is true, and " + type + " has no norms of queries and keys",
                    "model_type: llama, or a preset of it");
        }
        var sizes = new HuggingFaceKeys("model", keys);
        int heads = sizes.size("num_attention_heads");
        int hidden = sizes.size("hidden_size");
        keys.put("model_type", "qwen3");
        keys.putIfAbsent("num_key_value_heads", heads);
        if (hidden % heads == 0) {
            keys.putIfAbsent("head_dim", hidden / heads);
        }
    }

    /** Names of all presets. */
    public static List<String> names() {
        return List.of(
                "dmas-1.7b",
                "llama-124m",
                "llama-978m",
                "llama-7b",
                "nano",
                "gpt2-10m",
                "gpt2-124m",
                "gpt2-medium",
                "gpt2-large",
                "gpt2-xl",
                "seed-gpt2-10m",
                "seed-gpt2-500m",
                "seed-gpt2-large",
                "seed-gpt2-xl");
    }

    private static Map<String, Object> named(String preset) {
        return switch (preset) {
            case "dmas-1.7b" -> llama(2048, 5120, 36, 32, 8, GPT2_VOCABULARY, 1024);
            case "llama-124m" -> llama(768, 3072, 12, 12, 12, GPT2_VOCABULARY, 1024);
            case "llama-978m" -> llama(1280, 5120, 36, 20, 4, GPT2_VOCABULARY, 1024);
            // Touvron et al. 2023, table 2.
            case "llama-7b" -> llama(4096, 11_008, 32, 32, 32, 32_000, 2048);
            case "nano" -> llama(256, 704, 6, 8, 4, 4096, 256);
            case "gpt2-10m" -> gpt2(160, 6, 5);
            case "gpt2-124m" -> gpt2(768, 12, 12);
            case "gpt2-medium" -> gpt2(1024, 24, 16);
            case "gpt2-large" -> gpt2(1280, 36, 20);
            case "gpt2-xl" -> gpt2(1600, 48, 25);
            // Of the same names in the paper's code, whose other sizes are OpenAI's.
            case "seed-gpt2-10m" -> gpt2(64, 2, 2);
            case "seed-gpt2-500m" -> gpt2(1024, 36, 16);
            case "seed-gpt2-large" -> gpt2(1280, 36, 16);
            case "seed-gpt2-xl" -> gpt2(1600, 48, 16);
            default ->
                throw new RequestException(
                        "model.preset is " + preset + ", which is none of " + String.join(", ", names()),
                        "preset: " + EditDistance.nearest(preset, names()).orElse("nano"));
        };
    }

    private static Map<String, Object> llama(
            int hidden, int intermediate, int layers, int heads, int kvHeads, int vocabulary, int positions) {
        Map<String, Object> keys = constantsOfLlama();
        keys.put("hidden_size", hidden);
        keys.put("intermediate_size", intermediate);
        keys.put("num_hidden_layers", layers);
        keys.put("num_attention_heads", heads);
        keys.put("num_key_value_heads", kvHeads);
        keys.put("vocab_size", padded(vocabulary));
        keys.put("max_position_embeddings", positions);
        keys.put("bos_token_id", vocabulary - 1);
        keys.put("eos_token_id", vocabulary - 1);
        return keys;
    }

    private static Map<String, Object> constantsOfLlama() {
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("model_type", "llama");
        keys.put("rms_norm_eps", 1e-5);
        keys.put("rope_theta", 500000.0);
        keys.put("tie_word_embeddings", false);
        keys.put("initializer_range", 0.02);
        return keys;
    }

    private static Map<String, Object> gpt2(int width, int layers, int heads) {
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("model_type", "gpt2");
        keys.put("n_embd", width);
        keys.put("n_layer", layers);
        keys.put("n_head", heads);
        keys.put("n_positions", 1024);
        keys.put("vocab_size", padded(GPT2_VOCABULARY));
        keys.put("bos_token_id", GPT2_VOCABULARY - 1);
        keys.put("eos_token_id", GPT2_VOCABULARY - 1);
        return keys;
    }

    private static int padded(int vocabulary) {
        return (vocabulary + PADDING - 1) / PADDING * PADDING;
    }

    /** Keys that transformers writes and Cria does not need are let through; what nobody knows is a typing mistake. */
    private static final List<String> KNOWN = List.of(
            "architectures",
            "attention_bias",
            "attention_dropout",
            "bos_token_id",
            "eos_token_id",
            "head_dim",
            "hidden_act",
            "hidden_size",
            "initializer_range",
            "intermediate_size",
            "layer_types",
            "max_window_layers",
            "no_rope_layer_interval",
            "no_rope_layers",
            "sliding_window",
            "use_sliding_window",
            "max_position_embeddings",
            "mlp_bias",
            "model_type",
            "num_attention_heads",
            "num_hidden_layers",
            "num_key_value_heads",
            "preset",
            "pretraining_tp",
            QK_NORM,
            "rms_norm_eps",
            "rope_parameters",
            "rope_scaling",
            "rope_theta",
            "tie_word_embeddings",
            "torch_dtype",
            "dtype",
            "transformers_version",
            "use_cache",
            "vocab_size",
            "activation_function",
            "attn_pdrop",
            "embd_pdrop",
            "resid_pdrop",
            "layer_norm_epsilon",
            "n_embd",
            "n_head",
            "n_inner",
            "n_layer",
            "n_positions",
            "n_ctx",
            "pad_token_id");

    private static void requireKnown(String key, Map<String, Object> keys) {
        if (!KNOWN.contains(key) && !keys.containsKey(key)) {
            String meant = EditDistance.nearest(key, KNOWN)
                    .map(name -> "did you mean model." + name + "?")
                    .orElse("docs/keys.md lists the keys of a model");
            throw new RequestException("unknown key model." + key, meant);
        }
    }
}
