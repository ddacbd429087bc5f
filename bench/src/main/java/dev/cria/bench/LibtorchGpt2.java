package dev.cria.bench;

import dev.cria.model.Gpt2Config;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** GPT-2 as PyTorch's users write it. */
final class LibtorchGpt2 implements LibtorchModel {
    private final Gpt2Config config;
    private final LibtorchWeights weights;

    LibtorchGpt2(Gpt2Config config, LibtorchWeights weights) {
        this.config = config;
        this.weights = weights;
    }

    @Override
    public Tensor logits(Tensor ids) {
        Tensor positions = weight("transformer.wpe.weight").narrow(0, 0, ids.size(1)); // [seq, hidden]
        Tensor x = torch.embedding(weight("transformer.wte.weight"), ids).add(positions); // [batch, seq, hidden]
        for (int i = 0; i < config.nLayer(); i++) {
            x = block(x, "transformer.h." + i + ".");
        }
        return torch.linear(norm(x, "transformer.ln_f"), weight("transformer.wte.weight"));
    }

    private Tensor block(Tensor x, String at) {
        long headDim = config.nEmbd() / config.nHead();
        TensorVector qkv = linear(norm(x, at + "ln_1"), at + "attn.c_attn").split(config.nEmbd(), -1);
        Tensor attended = LibtorchModel.attention(
                LibtorchModel.heads(qkv.get(0), headDim),
                LibtorchModel.heads(qkv.get(1), headDim),
                LibtorchModel.heads(qkv.get(2), headDim));
        x = x.add(linear(LibtorchModel.merged(attended), at + "attn.c_proj"));
        Tensor up = linear(norm(x, at + "ln_2"), at + "mlp.c_fc");
        return x.add(linear(torch.gelu(up, "tanh"), at + "mlp.c_proj"));
    }

    private Tensor norm(Tensor x, String name) {
        return torch.layer_norm(
                x,
                new long[] {config.nEmbd()},
                new TensorOptional(weight(name + ".weight")),
                new TensorOptional(weight(name + ".bias")),
                config.layerNormEpsilon(),
                true);
    }

    private Tensor linear(Tensor x, String name) {
        return torch.linear(x, weight(name + ".weight"), new TensorOptional(weight(name + ".bias")));
    }

    private Tensor weight(String name) {
        return weights.get(name);
    }
}
