package dev.cria.model;

import dev.cria.RequestException;
import dev.cria.model.Attention.Heads;
import dev.cria.nn.ParameterSpec;
import dev.cria.nn.ParameterSpec.Part;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The sizes and constants of a LLaMA or one of its kin.
 *
 * @param vocabSize token ids, padding included; at least 1
 * @param hiddenSize width of the residual stream; a multiple of num_attention_heads
 * @param intermediateSize width of the feed-forward; at least 1
 * @param numHiddenLayers layers; at least 1
 * @param numAttentionHeads query heads; at least 1
 * @param numKeyValueHeads key-value heads, which groups of query heads share; a divisor of num_attention_heads
 * @param headDim width of a head, hidden_size / num_attention_heads unless given (128 in Qwen3); even
 * @param maxPositionEmbeddings tokens that the model sees at once, batch.sequence_length unless given; at least 1
 * @param rmsNormEps added to the mean square of a norm; a number
 * @param ropeTheta base of the rotary frequencies; a number
 * @param ropeScaling stretching of the rotary frequencies; Hugging Face's linear, dynamic, llama3 or yarn
 * @param tieWordEmbeddings whether the head shares the embedding's weights
 * @param initializerRange standard deviation of new weights; a number
 * @param bosTokenId token that begins a text, which is the one that ends the text before; an id, or -1 for none
 * @param eosTokenId token that ends a text; an id, or -1 for none
 * @param variant what its family has otherwise than LLaMA
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
        int eosTokenId,
        LlamaVariant variant)
        implements ModelConfig {
    /** No file has a size that this one could be checked against, and a table of angles is made for all of them. */
    private static final int MOST_POSITIONS = 1 << 20;

    private static final Set<String> KEYS = Set.of(
            "attention_bias",
            "attention_dropout",
            "head_dim",
            "hidden_act",
            "hidden_size",
            "intermediate_size",
            "max_position_embeddings",
            "mlp_bias",
            "num_attention_heads",
            "num_hidden_layers",
            "num_key_value_heads",
            "rms_norm_eps",
            "rope_parameters",
            "rope_scaling",
            "rope_theta",
            "original_max_position_embeddings");

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

    /** A LLaMA itself, with no variation. */
    public LlamaConfig(
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
            int eosTokenId) {
        this(
                vocabSize,
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
                eosTokenId,
                LlamaVariant.PLAIN);
    }

    static LlamaConfig of(HuggingFaceKeys keys, LlamaVariant.Family family) {
        keys.requireKnown(family.known(KEYS));
        requireSupported(keys);
        int hidden = keys.size("hidden_size");
        int heads = keys.size("num_attention_heads");
        int layers = keys.size("num_hidden_layers");
        Optional<Integer> headDim = keys.optionalSize("head_dim").or(() -> present(family.headDim));
        if (headDim.isEmpty() && hidden % heads != 0) {
            throw new RequestException(
                    keys.source() + ".hidden_size is " + hidden + ", not a multiple of num_attention_heads = " + heads,
                    "hidden_size: " + Math.max(heads, hidden / heads * heads));
        }
        return new LlamaConfig(
                keys.size("vocab_size"),
                hidden,
                keys.size("intermediate_size"),
                layers,
                heads,
                kvHeads(keys, family, heads),
                headDim.orElse(hidden / heads),
                positions(keys),
                keys.positive("rms_norm_eps", 1e-6),
                RopeScaling.theta(keys, family.ropeTheta),
                RopeScaling.of(keys, positions(keys)),
                keys.flag("tie_word_embeddings", family.tiesEmbeddings),
                keys.positive("initializer_range", 0.02),
                keys.id("bos_token_id").orElse(-1),
                keys.id("eos_token_id").orElse(-1),
                LlamaVariant.of(keys, family, layers));
    }

    private static Optional<Integer> present(OptionalInt value) {
        return value.isPresent() ? Optional.of(value.getAsInt()) : Optional.empty();
    }

    /** As many as query heads where the key says null; where it is missing, too, but in families that say otherwise. */
    private static int kvHeads(HuggingFaceKeys keys, LlamaVariant.Family family, int heads) {
        boolean isMissing = !keys.values().containsKey("num_key_value_heads");
        return keys.optionalSize("num_key_value_heads").orElse(isMissing ? family.kvHeads.orElse(heads) : heads);
    }

    private static int positions(HuggingFaceKeys keys) {
        int positions = keys.size("max_position_embeddings");
        if (positions > MOST_POSITIONS) {
            throw keys.refuse("max_position_embeddings", "is " + positions + ", above " + MOST_POSITIONS);
        }
        return positions;
    }

    private static void requireSupported(HuggingFaceKeys keys) {
        String activation = keys.text("hidden_act").orElse("silu");
        if (!activation.equals("silu")) {
            throw keys.refuse("hidden_act", "is " + activation + ", not silu");
        }
    }

    @Override
    public String title() {
        return variant.modelType().title;
    }

    @Override
    public LanguageModel over(Weights weights) {
        return new Llama(this, weights);
    }

    @Override
    public boolean isTable(Part part) {
        return part.name().equals("model.embed_tokens.weight");
    }

    @Override
    public boolean isVocabulary(Part part) {
        return isTable(part) || part.name().equals("lm_head.weight");
    }

    /** Norms, projections of attention and feed-forward; sums and rotations lie in their inputs' memory. */
    @Override
    public LayerActivations layerActivations() {
        long attended = heads().width();
        long qkv = attended + 2L * heads().kvWidth();
        long normed = variant.normsHeads() ? attended + heads().kvWidth() : 0;
        long norms = variant.normsHeads() ? numAttentionHeads + numKeyValueHeads : 0;
        boolean slides = IntStream.range(0, numHiddenLayers).anyMatch(i -> variant.window(i) < maxPositionEmbeddings);
        long starts = slides ? Long.BYTES / Float.BYTES : 0;
        long kept = 4L * hiddenSize + qkv + normed + attended + 3L * intermediateSize;
        return new LayerActivations(kept, 2L + numAttentionHeads + norms + starts, hiddenSize + 3L * intermediateSize);
    }

    @Override
    public Map<String, Object> depth(int layers, int positions) {
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("num_hidden_layers", layers);
        keys.put("max_position_embeddings", positions);
        variant.putDepthInto(keys, layers);
        return keys;
    }

    @Override
    public Gguf gguf() {
        return LlamaGguf.of(this);
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
        specs.add(ParameterSpec.table("model.embed_tokens.weight", vocabSize, hidden, std));
        for (int i = 0; i < numHiddenLayers; i++) {
            String at = "model.layers." + i + ".";
            specs.add(ParameterSpec.vector(at + "input_layernorm.weight", hidden, 1));
            specs.add(ParameterSpec.stacked(
                    std,
                    new Part(at + "self_attn.q_proj.weight", List.of(heads().width(), hidden)),
                    new Part(at + "self_attn.k_proj.weight", List.of(heads().kvWidth(), hidden)),
                    new Part(at + "self_attn.v_proj.weight", List.of(heads().kvWidth(), hidden))));
            if (variant.hasInputBias()) {
                specs.add(ParameterSpec.biases(
                        new Part(at + "self_attn.q_proj.bias", List.of(heads().width())),
                        new Part(at + "self_attn.k_proj.bias", List.of(heads().kvWidth())),
                        new Part(at + "self_attn.v_proj.bias", List.of(heads().kvWidth()))));
            }
            if (variant.normsHeads()) {
                specs.add(ParameterSpec.vector(at + "self_attn.q_norm.weight", headDim, 1));
                specs.add(ParameterSpec.vector(at + "self_attn.k_norm.weight", headDim, 1));
            }
            specs.add(ParameterSpec.matrix(at + "self_attn.o_proj.weight", hidden, heads().width(), std));
            if (variant.attentionBias()) {
                specs.add(ParameterSpec.biases(new Part(at + "self_attn.o_proj.bias", List.of(hidden))));
            }
            specs.add(ParameterSpec.vector(at + "post_attention_layernorm.weight", hidden, 1));
            specs.add(ParameterSpec.stacked(
                    std,
                    new Part(at + "mlp.gate_proj.weight", List.of(inner, hidden)),
                    new Part(at + "mlp.up_proj.weight", List.of(inner, hidden))));
            specs.add(ParameterSpec.matrix(at + "mlp.down_proj.weight", hidden, inner, std));
            if (variant.mlpBias()) {
                specs.add(ParameterSpec.biases(
                        new Part(at + "mlp.gate_proj.bias", List.of(inner)),
                        new Part(at + "mlp.up_proj.bias", List.of(inner))));
                specs.add(ParameterSpec.biases(new Part(at + "mlp.down_proj.bias", List.of(hidden))));
            }
        }
        specs.add(ParameterSpec.vector("model.norm.weight", hidden, 1));
        if (!tieWordEmbeddings) {
            specs.add(ParameterSpec.table("lm_head.weight", vocabSize, hidden, std));
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
                eosTokenId,
                variant);
    }

    /** The same with a head of its own. */
    @Override
    public LlamaConfig untied() {
        return new LlamaConfig(
                vocabSize,
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
                false,
                initializerRange,
                bosTokenId,
                eosTokenId,
                variant);
    }

    @Override
    public LlamaConfig withEndOfText(OptionalInt end) {
        return new LlamaConfig(
                vocabSize,
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
                end.orElse(-1),
                end.orElse(-1),
                variant);
    }

    @Override
    public Map<String, Object> toHuggingFace() {
        Map<String, Object> keys = new LinkedHashMap<>();
        variant.putInto(keys, numHiddenLayers);
        keys.put("attention_dropout", 0.0);
        putId(keys, "bos_token_id", bosTokenId);
        putId(keys, "eos_token_id", eosTokenId);
        keys.put("head_dim", headDim);
        keys.put("hidden_act", "silu");
        keys.put("hidden_size", hiddenSize);
        keys.put("initializer_range", initializerRange);
        keys.put("intermediate_size", intermediateSize);
        keys.put("max_position_embeddings", maxPositionEmbeddings);
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
