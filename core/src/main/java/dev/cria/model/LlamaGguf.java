package dev.cria.model;

import dev.cria.RequestException;
import dev.cria.model.LlamaVariant.Family;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/** How llama.cpp knows the members of the Llama family, and what of them it does not compute. */
final class LlamaGguf {
    private LlamaGguf() {}

    static Gguf of(LlamaConfig config) {
        requireKnown(config);
        Family family = config.variant().modelType();
        boolean qwen = family == Family.QWEN2 || family == Family.QWEN3;
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("feed_forward_length", config.intermediateSize());
        keys.put("attention.head_count_kv", config.numKeyValueHeads());
        keys.put("attention.key_length", config.headDim());
        keys.put("attention.value_length", config.headDim());
        keys.put("attention.layer_norm_rms_epsilon", (float) config.rmsNormEps());
        keys.put("rope.dimension_count", config.headDim());
        keys.put("rope.freq_base", (float) config.ropeTheta());
        Map<String, float[]> vectors = Map.of();
        switch (config.ropeScaling()) {
            case RopeScaling.None _, RopeScaling.Dynamic _ -> {}
            case RopeScaling.Linear(double factor) -> {
                keys.put("rope.scaling.type", "linear");
                keys.put("rope.scaling.factor", (float) factor);
            }
            case RopeScaling.Llama3 scaling -> vectors = Map.of("rope_freqs.weight", ropeFactors(config, scaling));
            case RopeScaling.Yarn yarn -> {
                keys.put("rope.scaling.type", "yarn");
                keys.put("rope.scaling.factor", (float) yarn.factor());
                keys.put("rope.scaling.original_context_length", (int) yarn.originalPositions());
                keys.put("rope.scaling.attn_factor", (float) yarn.relativeAttentionFactor());
            }
        }
        return new Gguf(qwen ? family.modelType() : "llama", keys, !qwen, false, vectors);
    }

    private static void requireKnown(LlamaConfig config) {
        LlamaVariant variant = config.variant();
        for (int layer : IntStream.range(0, config.layers()).toArray()) {
            if (variant.window(layer) < config.positions()) {
                throw refuse("sliding_window is " + variant.window(layer) + ", below max_position_embeddings = "
                        + config.positions() + "; llama.cpp would see the whole text");
            }
            if (!variant.rotates(layer)) {
                throw refuse("no_rope_layers names layer " + layer + "; llama.cpp's llama rotates in every layer");
            }
        }
        if (variant.attentionBias() && variant.normsHeads()) {
            throw refuse("attention_bias is true; llama.cpp's qwen3 has no biases");
        }
        if (config.ropeScaling() instanceof RopeScaling.Yarn yarn
                && !(yarn.betaFast() == RopeScaling.Yarn.BETA_FAST
                        && yarn.betaSlow() == RopeScaling.Yarn.BETA_SLOW
                        && yarn.truncate())) {
            throw refuse("rope_scaling is yarn with another ramp (beta_fast, beta_slow, truncate) than llama.cpp's");
        }
    }

    private static RequestException refuse(String what) {
        return new RequestException(what, "--format hf writes every model");
    }

    /** By how much Llama 3.1's scaling divides each frequency. */
    private static float[] ropeFactors(LlamaConfig config, RopeScaling.Llama3 scaling) {
        float[] factors = new float[config.headDim() / 2];
        for (int i = 0; i < factors.length; i++) {
            double frequency = Math.pow(config.ropeTheta(), -2.0 * i / config.headDim());
            factors[i] = (float) (frequency / scaling.scale(frequency));
        }
        return factors;
    }
}
