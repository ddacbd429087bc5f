package dev.cria.model;

import dev.cria.RequestException;
import dev.cria.model.Attention.Heads;
import dev.cria.nn.ParameterSpec;
import dev.cria.nn.ParameterSpec.Part;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A LLaMA's sizes and constants.
 *
 * @param intermediateSize width of the feed-forward
 * @param numKeyValueHeads key-value heads, which groups of query heads share
 * @param headDim width of a head; hidden / heads unless given
 * @param ropeTheta base of the rotary frequencies
 * @param initializerRange standard deviation of new weights
 * @param bosTokenId the token that ends one text and begins the next; -1 for none
 */
public record LlamaConfig(
        int vocabSize,
        int hiddenSize,
        int intermediateSize,
        int numHiddenLayers,
        int numAttentionHeads,
        int numKeyValueHeads,
        int headDim,
        int maxPositionEmbeddings,
        double rmsNormEps,
        double ropeTheta,
        RopeScaling ropeScaling,
        boolean tieWordEmbeddings,
        double initializerRange,
        int bosTokenId,
        int eosTokenId)
        implements ModelConfig {
    /** No file has a size that this one could be checked against, and a table of angles is made for all of them. */
    private static final int MOST_POSITIONS = 1 << 20;

    public LlamaConfig {
        if (numKeyValueHeads > numAttentionHeads || numAttentionHeads % numKeyValueHeads != 0) {
            throw new RequestException(
                    "model.num_attention_heads is " + numAttentionHeads + ", not a multiple of num_key_value_heads = "
                            + numKeyValueHeads,
                    "--set model.num_key_value_heads=" + numAttentionHeads);
        }
        if (headDim % 2 != 0) {
            throw new RequestException(
                    "model.head_dim is " + headDim + "; rotary positions turn pairs, so it must be even",
                    "change hidden_size or num_attention_heads");
        }
    }

    static LlamaConfig of(HuggingFaceKeys keys) {
        requireSupported(keys);
        int hidden = keys.size("hidden_size");
        int heads = keys.size("num_attention_heads");
        if (keys.optionalSize("head_dim").isEmpty() && hidden % heads != 0) {
            throw new RequestException(
                    keys.source() + ".hidden_size is " + hidden + ", not a multiple of num_attention_heads = " + heads,
                    "hidden_size: " + Math.max(heads, hidden / heads * heads));
        }
        return new LlamaConfig(
                keys.size("vocab_size"),
                hidden,
                keys.size("intermediate_size"),
                keys.size("num_hidden_layers"),
                heads,
                keys.optionalSize("num_key_value_heads").orElse(heads),
                keys.optionalSize("head_dim").orElse(hidden / heads),
                positions(keys),
                keys.number("rms_norm_eps", 1e-6),
                RopeScaling.theta(keys),
                RopeScaling.of(keys),
                keys.flag("tie_word_embeddings", false),
                keys.number("initializer_range", 0.02),
                keys.id("bos_token_id").orElse(-1),
                keys.id("eos_token_id").orElse(-1));
    }

    private static int positions(HuggingFaceKeys keys) {
        int positions = keys.size("max_position_embeddings");
        if (positions > MOST_POSITIONS) {
            throw keys.refuse("max_position_embeddings", "is " + positions + ", above " + MOST_POSITIONS);
        }
        return positions;
    }

    private static void requireSupported(HuggingFaceKeys keys) {
        if (keys.flag("attention_bias", false)) {
            throw keys.refuse("attention_bias", "is true; LLaMA's projections have no biases here");
        }
        if (keys.flag("mlp_bias", false)) {
            throw keys.refuse("mlp_bias", "is true; LLaMA's projections have no biases here");
        }
        String activation = keys.text("hidden_act").orElse("silu");
        if (!activation.equals("silu")) {
            throw keys.refuse("hidden_act", "is " + activation + ", not silu");
        }
    }

    @Override
    public int layers() {
        return numHiddenLayers;
    }

    @Override
    public int positions() {
        return maxPositionEmbeddings;
    }

    @Override
    public Heads heads() {
        return new Heads(numAttentionHeads, numKeyValueHeads, headDim);
    }

    @Override
    public OptionalInt endOfText() {
        return eosTokenId < 0 ? OptionalInt.empty() : OptionalInt.of(eosTokenId);
    }

    @Override
    public List<ParameterSpec> parameterSpecs() {
        double std = initializerRange;
        long hidden = hiddenSize;
        long inner = intermediateSize;
        List<ParameterSpec> specs = new ArrayList<>();
        specs.add(ParameterSpec.matrix("model.embed_tokens.weight", vocabSize, hidden, std));
        for (int i = 0; i < numHiddenLayers; i++) {
            String at = "model.layers." + i + ".";
            specs.add(ParameterSpec.vector(at + "input_layernorm.weight", hidden, 1));
            specs.add(ParameterSpec.stacked(
                    std,
                    new Part(at + "self_attn.q_proj.weight", List.of(heads().width(), hidden)),
                    new Part(at + "self_attn.k_proj.weight", List.of(heads().kvWidth(), hidden)),
                    new Part(at + "self_attn.v_proj.weight", List.of(heads().kvWidth(), hidden))));
            specs.add(ParameterSpec.matrix(at + "self_attn.o_proj.weight", hidden, heads().width(), std));
            specs.add(ParameterSpec.vector(at + "post_attention_layernorm.weight", hidden, 1));
            specs.add(ParameterSpec.stacked(
                    std,
                    new Part(at + "mlp.gate_proj.weight", List.of(inner, hidden)),
                    new Part(at + "mlp.up_proj.weight", List.of(inner, hidden))));
            specs.add(ParameterSpec.matrix(at + "mlp.down_proj.weight", hidden, inner, std));
        }
        specs.add(ParameterSpec.vector("model.norm.weight", hidden, 1));
        if (!tieWordEmbeddings) {
            specs.add(ParameterSpec.matrix("lm_head.weight", vocabSize, hidden, std));
        }
        return specs;
    }

    @Override
    public long matrixParameterCount() {
        long matrices = parameterSpecs().stream()
                .filter(ParameterSpec::isMatrix)
                .mapToLong(ParameterSpec::elements)
                .sum();
        long table = (long) vocabSize * hiddenSize;
        return tieWordEmbeddings ? matrices : matrices - table;
    }

    @Override
    public LlamaConfig withVocabSize(int size) {
        return new LlamaConfig(
                size,
                hiddenSize,
                intermediateSize,
                numHiddenLayers,
                numAttentionHeads,
                numKeyValueHeads,
                headDim,
                maxPositionEmbeddings,
                rmsNormEps,
                ropeTheta,
                ropeScaling,
                tieWordEmbeddings,
                initializerRange,
                bosTokenId,
                eosTokenId);
    }

    @Override
    public Map<String, Object> toHuggingFace() {
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("architectures", List.of("LlamaForCausalLM"));
        keys.put("attention_bias", false);
        keys.put("attention_dropout", 0.0);
        putId(keys, "bos_token_id", bosTokenId);
        putId(keys, "eos_token_id", eosTokenId);
        keys.put("head_dim", headDim);
        keys.put("hidden_act", "silu");
        keys.put("hidden_size", hiddenSize);
        keys.put("initializer_range", initializerRange);
        keys.put("intermediate_size", intermediateSize);
        keys.put("max_position_embeddings", maxPositionEmbeddings);
        keys.put("mlp_bias", false);
        keys.put("model_type", "llama");
        keys.put("num_attention_heads", numAttentionHeads);
        keys.put("num_hidden_layers", numHiddenLayers);
        keys.put("num_key_value_heads", numKeyValueHeads);
        keys.put("rms_norm_eps", rmsNormEps);
        keys.put("rope_theta", ropeTheta);
        ropeScaling.putInto(keys);
        keys.put("tie_word_embeddings", tieWordEmbeddings);
        keys.put("torch_dtype", "float32");
        keys.put("vocab_size", vocabSize);
        return keys;
    }

    static void putId(Map<String, Object> keys, String key, int id) {
        if (id >= 0) {
            keys.put(key, id);
        }
    }
}
