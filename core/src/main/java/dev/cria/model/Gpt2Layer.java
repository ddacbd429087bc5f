package dev.cria.model;

import dev.cria.nn.Parameter;
import dev.cria.nn.Projection;

/** The weights of one of GPT-2's layers. */
record Gpt2Layer(
        int index,
        Norm norm1,
        Projection qkv, // [3·hidden, hidden]
        Projection o, // [hidden, hidden]
        Norm norm2,
        Projection up, // [inner, hidden]
        Projection down) { // [hidden, inner]

    static Gpt2Layer of(Weights weights, int index) {
        String at = "transformer.h." + index + ".";
        return new Gpt2Layer(
                index,
                Norm.of(weights, at + "ln_1"),
                weights.projection(at + "attn.c_attn"),
                weights.projection(at + "attn.c_proj"),
                Norm.of(weights, at + "ln_2"),
                weights.projection(at + "mlp.c_fc"),
                weights.projection(at + "mlp.c_proj"));
    }

    /** A LayerNorm's weights. */
    record Norm(Parameter weight, Parameter bias) { // [hidden] both
        static Norm of(Weights weights, String name) {
            return new Norm(weights.parameter(name + ".weight"), weights.parameter(name + ".bias"));
        }
    }
}
