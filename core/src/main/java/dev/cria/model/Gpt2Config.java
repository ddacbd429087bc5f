package dev.cria.model;

import dev.cria.RequestException;
import dev.cria.model.Attention.Heads;
import dev.cria.nn.ParameterSpec;
import dev.cria.nn.ParameterSpec.Init;
import dev.cria.nn.ParameterSpec.Part;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A GPT-2's sizes and constants. The head is tied to the token embedding.
 *
 * @param vocabSize token ids, padding included; at least 1
 * @param nEmbd width of the residual stream; a multiple of n_head
 * @param nInner width of the feed-forward, 4 · n_embd unless given; at least 1
 * @param nLayer layers; at least 1
 * @param nHead heads; at least 1
 * @param nPositions tokens that the model sees at once, batch.sequence_length unless given; at least 1
 * @param layerNormEpsilon added to the variance of a norm; a number
 * @param initializerRange standard deviation of new weights; a number
 * @param bosTokenId token that begins a text, which is the one that ends the text before; an id, or -1 for none
 * @param eosTokenId token that ends a text; an id, or -1 for none
 */
public record Gpt2Config(
        int vocabSize,
        int nEmbd,
        int nInner,
        int nLayer,
        int nHead,
        int nPositions,
        double layerNormEpsilon,
        double initializerRange,
        int bosTokenId,
        int eosTokenId)
        implements ModelConfig {

    public Gpt2Config {
        if (nEmbd % nHead != 0) {
            throw new RequestException(
                    "model.n_embd is " + nEmbd + ", not a multiple of n_head = " + nHead,
                    "n_embd: " + Math.max(nHead, nEmbd / nHead * nHead));
        }
    }

    private static final Set<String> KEYS = Set.of(
            "activation_function",
            "attn_pdrop",
            "embd_pdrop",
            "layer_norm_epsilon",
            "n_ctx",
            "n_embd",
            "n_head",
            "n_inner",
            "n_layer",
            "n_positions",
            "resid_pdrop",
            "summary_activation",
            "summary_first_dropout",
            "summary_proj_to_labels",
            "summary_type",
            "summary_use_proj",
            "scale_attn_weights",
            "scale_attn_by_inverse_layer_idx",
            "reorder_and_upcast_attn",
            "add_cross_attention");

    static Gpt2Config of(HuggingFaceKeys keys) {
        keys.requireKnown(KEYS);
        keys.requireFlag("scale_attn_weights", true);
        keys.requireFlag("scale_attn_by_inverse_layer_idx", false);
        keys.requireFlag("reorder_and_upcast_attn", false);
        keys.requireFlag("add_cross_attention", false);
        String activation = keys.text("activation_function").orElse("gelu_new");
        if (!activation.equals("gelu_new")) {
            throw keys.refuse("activation_function", "is " + activation + ", not gelu_new");
        }
        if (!keys.flag("tie_word_embeddings", true)) {
            throw keys.refuse("tie_word_embeddings", "is false; GPT-2's head is its token embedding");
        }
        int width = keys.size("n_embd");
        return new Gpt2Config(
                keys.size("vocab_size"),
                width,
                keys.optionalSize("n_inner").orElse(4 * width),
                keys.size("n_layer"),
                keys.size("n_head"),
                keys.size("n_positions"),
                keys.positive("layer_norm_epsilon", 1e-5),
                keys.positive("initializer_range", 0.02),
                keys.id("bos_token_id").orElse(-1),
                keys.id("eos_token_id").orElse(-1));
    }

    @Override
    public String title() {
        return "GPT-2";
    }

    @Override
    public LanguageModel over(Weights weights) {
        return new Gpt2(this, weights);
    }

    @Override
    public boolean isTable(Part part) {
        return isVocabulary(part) || part.name().equals("transformer.wpe.weight");
    }

    @Override
    public boolean isVocabulary(Part part) {
        return part.name().equals("transformer.wte.weight");
    }

    /** The projections are Conv1D: [in, out]. */
    @Override
    public boolean isStoredTransposed(Part part) {
        return part.shape().size() == 2 && !isTable(part);
    }

    @Override
    public LayerActivations layerActivations() {
        long kept = 4L * nEmbd + 3L * nEmbd + nEmbd + 2L * nInner;
        return new LayerActivations(kept, 4L + nHead, nEmbd + 2L * nInner);
    }

    @Override
    public Map<String, Object> depth(int layers, int positions) {
        return Map.of("n_layer", layers, "n_positions", positions);
    }

    @Override
    public Gguf gguf() {
        Map<String, Object> keys =
                Map.of("feed_forward_length", nInner, "attention.layer_norm_epsilon", (float) layerNormEpsilon);
        return new Gguf("gpt2", keys, false, true, Map.of());
    }

    @Override
    public int hiddenSize() {
        return nEmbd;
    }

    @Override
    public int layers() {
        return nLayer;
    }

    @Override
    public int positions() {
        return nPositions;
    }

    @Override
    public Heads heads() {
        return new Heads(nHead, nHead, nEmbd / nHead);
    }

    @Override
    public boolean tieWordEmbeddings() {
        return true;
    }

    @Override
    public OptionalInt endOfText() {
        return eosTokenId < 0 ? OptionalInt.empty() : OptionalInt.of(eosTokenId);
    }

    /** Projections into the residual stream start smaller, by 1/√(2·layers), as in GPT-2's release. */
    @Override
    public List<ParameterSpec> parameterSpecs() {
        double std = initializerRange;
        double residual = std / Math.sqrt(2.0 * nLayer);
        List<ParameterSpec> specs = new ArrayList<>();
        specs.add(ParameterSpec.table("transformer.wte.weight", vocabSize, nEmbd, std));
        specs.add(ParameterSpec.table("transformer.wpe.weight", nPositions, nEmbd, std));
        for (int i = 0; i < nLayer; i++) {
            String at = "transformer.h." + i + ".";
            norm(specs, at + "ln_1");
            linear(specs, at + "attn.c_attn", 3L * nEmbd, nEmbd, std);
            linear(specs, at + "attn.c_proj", nEmbd, nEmbd, residual);
            norm(specs, at + "ln_2");
            linear(specs, at + "mlp.c_fc", nInner, nEmbd, std);
            linear(specs, at + "mlp.c_proj", nEmbd, nInner, residual);
        }
        norm(specs, "transformer.ln_f");
        return specs;
    }

    private static void norm(List<ParameterSpec> specs, String name) {
        long width = specs.getFirst().shape()[1];
        specs.add(ParameterSpec.vector(name + ".weight", width, 1));
        specs.add(ParameterSpec.vector(name + ".bias", width, 0));
    }

    private static void linear(List<ParameterSpec> specs, String name, long out, long in, double std) {
        specs.add(new ParameterSpec(List.of(new Part(name + ".weight", List.of(out, in))), new Init.Normal(std)));
        specs.add(ParameterSpec.vector(name + ".bias", out, 0));
    }

    /** The token embedding counts, since it is the head too; the position table does not. */
    @Override
    public long matrixParameterCount() {
        long matrices = parameterSpecs().stream()
                .filter(ParameterSpec::isMatrix)
                .mapToLong(ParameterSpec::elements)
                .sum();
        return matrices - (long) nPositions * nEmbd;
    }

    @Override
    public Gpt2Config withVocabSize(int size) {
        return new Gpt2Config(
                size,
                nEmbd,
                nInner,
                nLayer,
                nHead,
                nPositions,
                layerNormEpsilon,
                initializerRange,
                bosTokenId,
                eosTokenId);
    }

    /** @throws RequestException always: the model here has no other head */
    @Override
    public Gpt2Config untied() {
        throw new RequestException(
                "the file has an lm_head.weight other than its token embedding, and GPT-2's head is that here",
                "name a GPT-2 whose tie_word_embeddings is true in its weights too");
    }

    @Override
    public Gpt2Config withEndOfText(OptionalInt end) {
        return new Gpt2Config(
                vocabSize,
                nEmbd,
                nInner,
                nLayer,
                nHead,
                nPositions,
                layerNormEpsilon,
                initializerRange,
                end.orElse(-1),
                end.orElse(-1));
    }

    @Override
    public Map<String, Object> toHuggingFace() {
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("activation_function", "gelu_new");
        keys.put("architectures", List.of("GPT2LMHeadModel"));
        keys.put("attn_pdrop", 0.0);
        LlamaConfig.putId(keys, "bos_token_id", bosTokenId);
        keys.put("embd_pdrop", 0.0);
        LlamaConfig.putId(keys, "eos_token_id", eosTokenId);
        keys.put("initializer_range", initializerRange);
        keys.put("layer_norm_epsilon", layerNormEpsilon);
        keys.put("model_type", "gpt2");
        keys.put("n_embd", nEmbd);
        keys.put("n_head", nHead);
        keys.put("n_inner", nInner);
        keys.put("n_layer", nLayer);
        keys.put("n_positions", nPositions);
        keys.put("resid_pdrop", 0.0);
        keys.put("tie_word_embeddings", true);
        keys.put("torch_dtype", "float32");
        keys.put("vocab_size", vocabSize);
        return keys;
    }
}
