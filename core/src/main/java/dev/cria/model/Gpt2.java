package dev.cria.model;

import dev.cria.nn.Parameter;
import dev.cria.nn.Projection;
import dev.cria.nn.Tape;
import dev.cria.nn.Value;
import java.util.List;
import java.util.stream.IntStream;

/**
 * GPT-2: token and position embeddings, then layers of attention and a GELU feed-forward, each behind a LayerNorm, then
 * a last norm; the head is the token embedding.
 *
 * @see "Radford et al. 2019, Language Models are Unsupervised Multitask Learners; Hugging Face GPT2LMHeadModel"
 */
public record Gpt2(
        Gpt2Config config,
        Weights weights,
        Parameter tokenTable, // [vocab, hidden]
        Parameter positionTable, // [positions, hidden]
        List<Gpt2Layer> layers,
        Gpt2Layer.Norm norm,
        Projection output) // [vocab, hidden]
        implements LanguageModel {

    /** A model over weights, which it takes over. */
    public Gpt2(Gpt2Config config, Weights weights) {
        this(
                config,
                weights,
                weights.parameter("transformer.wte.weight"),
                weights.parameter("transformer.wpe.weight"),
                IntStream.range(0, config.layers())
                        .mapToObj(i -> Gpt2Layer.of(weights, i))
                        .toList(),
                Gpt2Layer.Norm.of(weights, "transformer.ln_f"),
                weights.projection("transformer.wte"));
    }

    @Override
    public Value hidden(Tape t, Tokens tokens, Attention attention) {
        Value x = t.add(t.embedding(positionTable, tokens.positions()), t.embedding(tokenTable, tokens.ids()));
        for (Gpt2Layer layer : layers) {
            x = t.block(x, (tape, residual) -> block(tape, layer, residual, tokens, attention));
        }
        return normed(t, x, norm);
    }

    private Value block(Tape t, Gpt2Layer w, Value x, Tokens tokens, Attention attention) {
        Value attended = attention(t, w, normed(t, x, w.norm1()), tokens, attention);
        Value y = t.add(x, attended); // over attended
        Value fed = t.linear(t.gelu(t.linear(normed(t, y, w.norm2()), w.up())), w.down());
        return t.add(y, fed); // over fed
    }

    private Value attention(Tape t, Gpt2Layer w, Value x, Tokens tokens, Attention attention) {
        long width = config.nEmbd();
        List<Value> qkv = t.split(t.linear(x, w.qkv()), width, width, width);
        var layer = new Attention.Layer(w.index(), config.heads(), Attention.Layer.UNBOUNDED);
        return t.linear(attention.attend(t, layer, tokens, qkv.get(0), qkv.get(1), qkv.get(2)), w.o());
    }

    private Value normed(Tape t, Value x, Gpt2Layer.Norm w) {
        return t.layerNorm(x, w.weight(), w.bias(), config.layerNormEpsilon());
    }

    @Override
    public void close() {
        weights.close();
    }
}
