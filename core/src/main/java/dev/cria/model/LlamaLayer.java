package dev.cria.model;

import dev.cria.nn.Parameter;
import dev.cria.nn.Projection;
import java.util.Optional;

/** The weights of one of LLaMA's layers. */
record LlamaLayer(
        Attention.Layer attention,
        boolean rotates,
        Parameter inputNorm, // [hidden]
        Projection qkv, // [(heads + 2·kvHeads)·headDim, hidden]
        Optional<Parameter> queryNorm, // [headDim]
        Optional<Parameter> keyNorm, // [headDim]
        Projection o, // [hidden, heads·headDim]
        Parameter postAttentionNorm, // [hidden]
        Projection gateUp, // [2·intermediate, hidden]
        Projection down) { // [hidden, intermediate]

    static LlamaLayer of(LlamaConfig config, Weights weights, int index) {
        String at = "model.layers." + index + ".";
        return new LlamaLayer(
                new Attention.Layer(index, config.heads(), config.variant().window(index)),
                config.variant().rotates(index),
                weights.parameter(at + "input_layernorm.weight"),
                weights.projection(at + "self_attn.q_proj", at + "self_attn.k_proj", at + "self_attn.v_proj"),
                weights.find(at + "self_attn.q_norm.weight"),
                weights.find(at + "self_attn.k_norm.weight"),
                weights.projection(at + "self_attn.o_proj"),
                weights.parameter(at + "post_attention_layernorm.weight"),
                weights.projection(at + "mlp.gate_proj", at + "mlp.up_proj"),
                weights.projection(at + "mlp.down_proj"));
    }
}
