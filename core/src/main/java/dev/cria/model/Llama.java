package dev.cria.model;

import dev.cria.model.Attention.Heads;
import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters;
import dev.cria.nn.Projection;
import dev.cria.nn.Projection.Dense;
import dev.cria.nn.Tape;
import dev.cria.nn.Value;
import dev.cria.tensor.Device;
import dev.cria.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * LLaMA: token embedding, then layers of grouped-query attention with rotary positions and a SwiGLU feed-forward, each
 * behind an RMSNorm, then a last norm and the head.
 *
 * @see "Touvron et al. 2023, LLaMA; Hugging Face LlamaForCausalLM, whose names and layouts the files have"
 */
public final class Llama implements LanguageModel {
    private final LlamaConfig config;
    private final Parameters parameters;
    private final Device device;
    private final Tensor rope; // [positions, 2, headDim/2]
    private final Parameter embedding; // [vocab, hidden]
    private final List<Layer> layers;
    private final Parameter norm; // [hidden]
    private final Projection output; // [vocab, hidden]
    private final Runnable close;

    /** The weights of one layer. */
    private record Layer(
            Parameter inputNorm, // [hidden]
            Projection qkv, // [(heads + 2·kvHeads)·headDim, hidden]
            Projection o, // [hidden, heads·headDim]
            Parameter postAttentionNorm, // [hidden]
            Projection gateUp, // [2·intermediate, hidden]
            Projection down) {} // [hidden, intermediate]

    public Llama(LlamaConfig config, Parameters parameters, Device device) {
        this(config, parameters, device, name -> dense(parameters, name + ".weight"));
    }

    /**
     * The same model with other projections in its layers, such as frozen ones with adapters around them.
     *
     * @param projections by the name of the projection, or of the first of those that are multiplied as one:
     *     {@code model.layers.0.self_attn.q_proj} stands for queries, keys and values
     */
    public Llama(LlamaConfig config, Parameters parameters, Device device, Function<String, Projection> projections) {
        this(config, parameters, device, projections, dense(parameters, headName(config)), parameters::close);
    }

    /** A model for decoding, from weights that it takes over. */
    Llama(LlamaConfig config, PackedWeights weights, Device device) {
        this(
                config,
                weights.dense(),
                device,
                name -> weights.layer(name + ".weight", Optional.empty()),
                weights.layer(headName(config), Optional.empty()),
                weights::close);
    }

    private Llama(
            LlamaConfig config,
            Parameters parameters,
            Device device,
            Function<String, Projection> projections,
            Projection output,
            Runnable close) {
        this.config = config;
        this.parameters = parameters;
        this.device = device;
        this.rope = RopeTable.of(config, parameters.storage().compute().accumulation(), device);
        this.embedding = parameters.holding("model.embed_tokens.weight");
        this.layers = layers(parameters, config.numHiddenLayers(), projections);
        this.norm = parameters.holding("model.norm.weight");
        this.output = output;
        this.close = close;
    }

    private static String headName(LlamaConfig config) {
        return config.tieWordEmbeddings() ? "model.embed_tokens.weight" : "lm_head.weight";
    }

    private static Dense dense(Parameters parameters, String name) {
        return Dense.of(parameters.holding(name));
    }

    private static List<Layer> layers(Parameters parameters, int count, Function<String, Projection> projections) {
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String at = "model.layers." + i + ".";
            layers.add(new Layer(
                    parameters.holding(at + "input_layernorm.weight"),
                    projections.apply(at + "self_attn.q_proj"),
                    projections.apply(at + "self_attn.o_proj"),
                    parameters.holding(at + "post_attention_layernorm.weight"),
                    projections.apply(at + "mlp.gate_proj"),
                    projections.apply(at + "mlp.down_proj")));
        }
        return List.copyOf(layers);
    }

    @Override
    public Value hidden(Tape t, Tokens tokens, Attention attention) {
        Value x = t.embedding(embedding, tokens.ids()); // [batch·seq, hidden]
        for (int i = 0; i < layers.size(); i++) {
            int layer = i;
            x = t.block(x, (tape, residual) -> block(tape, layer, residual, tokens, attention));
        }
        return t.rmsNorm(x, norm, config.rmsNormEps());
    }

    /** One decoder block: grouped-query attention, then a SwiGLU feed-forward, each behind an RMSNorm. */
    private Value block(Tape t, int layer, Value x, Tokens tokens, Attention attention) {
        Layer w = layers.get(layer);
        Heads heads = config.heads();
        Value h = t.rmsNorm(x, w.inputNorm(), config.rmsNormEps());
        List<Value> qkv = t.split(t.linear(h, w.qkv()), heads.width(), heads.kvWidth(), heads.kvWidth());
        Value q = t.rope(qkv.get(0), rope, tokens.positions()); // [batch·seq, heads·headDim]
        Value k = t.rope(qkv.get(1), rope, tokens.positions()); // [batch·seq, kvHeads·headDim]
        Value attended = attention.attend(t, layer, heads, tokens, q, k, qkv.get(2));
        x = t.add(x, t.linear(attended, w.o()));
        h = t.rmsNorm(x, w.postAttentionNorm(), config.rmsNormEps());
        return t.add(x, t.linear(t.swiGlu(t.linear(h, w.gateUp())), w.down()));
    }

    @Override
    public LlamaConfig config() {
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
        rope.close();
        close.run();
    }
}
