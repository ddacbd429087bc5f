package dev.cria.model;

import dev.cria.nn.Parameter;
import dev.cria.nn.Projection;
import dev.cria.nn.Tape;
import dev.cria.nn.Value;
import dev.cria.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * LLaMA and its kin: token embedding, then layers of grouped-query attention with rotary positions and a SwiGLU feed-forward, each
 * behind an RMSNorm and added to the residual stream, then a last norm and the head. Its kin differ in switches: biases
 * lie beside the projections that have one, and {@link LlamaVariant} says the rest.
 *
 * @see "Touvron et al. 2023, LLaMA; Hugging Face LlamaForCausalLM, whose names and layouts the files have"
 */
public record Llama(
        LlamaConfig config,
        Weights weights,
        Tensor rope, // [positions, 2, headDim/2]
        Parameter embedding, // [vocab, hidden]
        List<LlamaLayer> layers,
        Parameter norm, // [hidden]
        Projection output) // [vocab, hidden]
        implements LanguageModel {

    /** A model over weights, which it takes over. */
    public Llama(LlamaConfig config, Weights weights) {
        this(
                config,
                weights,
                RopeTable.of(config, weights.accumulation(), weights.device()),
                weights.parameter("model.embed_tokens.weight"),
                IntStream.range(0, config.layers())
                        .mapToObj(i -> LlamaLayer.of(config, weights, i))
                        .toList(),
                weights.parameter("model.norm.weight"),
                weights.projection(config.tieWordEmbeddings() ? "model.embed_tokens" : "lm_head"));
    }

    @Override
    public Value hidden(Tape t, Tokens tokens, Attention attention) {
        Value x = t.embedding(embedding, tokens.ids()); // [batch·seq, hidden]
        for (LlamaLayer layer : layers) {
            x = t.block(x, (tape, residual) -> block(tape, layer, residual, tokens, attention));
        }
        return t.rmsNorm(x, norm, config.rmsNormEps());
    }

    private Value block(Tape t, LlamaLayer w, Value x, Tokens tokens, Attention attention) {
        Value attended = attention(t, w, t.rmsNorm(x, w.inputNorm(), config.rmsNormEps()), tokens, attention);
        Value y = t.add(x, attended); // over attended
        Value fed = feedForward(t, w, t.rmsNorm(y, w.postAttentionNorm(), config.rmsNormEps()));
        return t.add(y, fed); // over fed
    }

    private Value attention(Tape t, LlamaLayer w, Value x, Tokens tokens, Attention attention) {
        var heads = config.heads();
        List<Value> qkv = t.split(t.linear(x, w.qkv()), heads.width(), heads.kvWidth(), heads.kvWidth());
        Value q = placed(t, w, normed(t, qkv.get(0), w.queryNorm()), tokens); // [batch·seq, heads·headDim]
        Value k = placed(t, w, normed(t, qkv.get(1), w.keyNorm()), tokens); // [batch·seq, kvHeads·headDim]
        Value v = qkv.get(2); // [batch·seq, kvHeads·headDim]
        return t.linear(attention.attend(t, w.attention(), tokens, q, k, v), w.o());
    }

    private Value normed(Tape t, Value x, Optional<Parameter> headNorm) {
        return headNorm.map(w -> t.headNorm(x, w, config.rmsNormEps())).orElse(x);
    }

    private Value placed(Tape t, LlamaLayer w, Value x, Tokens tokens) {
        return w.rotates() ? t.rope(x, rope, tokens.positions()) : x;
    }

    private static Value feedForward(Tape t, LlamaLayer w, Value x) {
        Value gateUp = t.linear(x, w.gateUp()); // [batch·seq, 2·intermediate]
        return t.linear(t.swiGlu(gateUp), w.down());
    }

    @Override
    public void close() {
        rope.close();
        weights.close();
    }
}
