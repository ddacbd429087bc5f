package dev.cria.model;

import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters;
import dev.cria.nn.Projection;
import dev.cria.nn.Projection.Dense;
import dev.cria.nn.Tape;
import dev.cria.nn.Value;
import dev.cria.tensor.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * GPT-2: token and position embeddings, then layers of attention and a GELU feed-forward, each behind a LayerNorm, then
 * a last norm; the head is the token embedding.
 *
 * @see "Radford et al. 2019, Language Models are Unsupervised Multitask Learners; Hugging Face GPT2LMHeadModel"
 */
public final class Gpt2 implements LanguageModel {
    private final Gpt2Config config;
    private final Parameters parameters;
    private final Device device;
    private final Parameter tokenTable; // [vocab, hidden]
    private final Parameter positionTable; // [positions, hidden]
    private final List<Layer> layers;
    private final Norm norm;
    private final Projection output; // [vocab, hidden]
    private final Runnable close;

    private record Norm(Parameter weight, Parameter bias) {} // [hidden] both

    /** The weights of one layer. */
    private record Layer(
            Norm norm1,
            Projection qkv, // [3·hidden, hidden]
            Projection o, // [hidden, hidden]
            Norm norm2,
            Projection up, // [inner, hidden]
            Projection down) {} // [hidden, inner]

    public Gpt2(Gpt2Config config, Parameters parameters, Device device) {
        this(
                config,
                parameters,
                device,
                (weight, bias) -> new Dense(parameters.holding(weight), bias),
                parameters::close);
    }

    /** A model for decoding, from weights that it takes over. */
    Gpt2(Gpt2Config config, PackedWeights weights, Device device) {
        this(config, weights.dense(), device, weights::layer, weights::close);
    }

    private Gpt2(
            Gpt2Config config,
            Parameters parameters,
            Device device,
            BiFunction<String, Optional<Parameter>, Projection> layer,
            Runnable close) {
        this.config = config;
        this.parameters = parameters;
        this.device = device;
        this.tokenTable = parameters.holding("transformer.wte.weight");
        this.positionTable = parameters.holding("transformer.wpe.weight");
        this.layers = new ArrayList<>();
        for (int i = 0; i < config.nLayer(); i++) {
            String at = "transformer.h." + i + ".";
            layers.add(new Layer(
                    norm(at + "ln_1"),
                    linear(layer, at + "attn.c_attn"),
                    linear(layer, at + "attn.c_proj"),
                    norm(at + "ln_2"),
                    linear(layer, at + "mlp.c_fc"),
                    linear(layer, at + "mlp.c_proj")));
        }
        this.norm = norm("transformer.ln_f");
        this.output = layer.apply("transformer.wte.weight", Optional.empty());
        this.close = close;
    }

    private Norm norm(String name) {
        return new Norm(parameters.holding(name + ".weight"), parameters.holding(name + ".bias"));
    }

    private Projection linear(BiFunction<String, Optional<Parameter>, Projection> layer, String name) {
        return layer.apply(name + ".weight", Optional.of(parameters.holding(name + ".bias")));
    }

    @Override
    public Value hidden(Tape t, Tokens tokens, Attention attention) {
        Value x = t.add(t.embedding(positionTable, tokens.positions()), t.embedding(tokenTable, tokens.ids()));
        for (int i = 0; i < layers.size(); i++) {
            int layer = i;
            x = t.block(x, (tape, residual) -> block(tape, layer, residual, tokens, attention));
        }
        return norm(t, x, norm);
    }

    /** One block: attention, then a feed-forward, each behind a LayerNorm. */
    private Value block(Tape t, int layer, Value x, Tokens tokens, Attention attention) {
        Layer w = layers.get(layer);
        long width = config.nEmbd();
        List<Value> qkv = t.split(t.linear(norm(t, x, w.norm1()), w.qkv()), width, width, width);
        Value attended = attention.attend(t, layer, config.heads(), tokens, qkv.get(0), qkv.get(1), qkv.get(2));
        x = t.add(x, t.linear(attended, w.o()));
        return t.add(x, t.linear(t.gelu(t.linear(norm(t, x, w.norm2()), w.up())), w.down()));
    }

    private Value norm(Tape t, Value x, Norm w) {
        return t.layerNorm(x, w.weight(), w.bias(), config.layerNormEpsilon());
    }

    @Override
    public Gpt2Config config() {
        return config;
    }

    @Override
    public Parameters parameters() {
        return parameters;
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public Projection output() {
        return output;
    }

    @Override
    public void close() {
        close.run();
    }
}
