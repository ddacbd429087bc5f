package dev.cria.bench;

import dev.cria.model.LlamaConfig;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** LLaMA as PyTorch's users write it: one product for queries, keys and values, one for gate and up. */
final class LibtorchLlama implements LibtorchModel {
    private final LlamaConfig config;
    private final LibtorchWeights weights;
    private final Tensor cos; // [positions, headDim/2]
    private final Tensor sin;

    LibtorchLlama(LlamaConfig config, LibtorchWeights weights) {
        this.config = config;
        this.weights = weights;
        int half = config.headDim() / 2;
        Tensor exponents =
                torch.arange(new Scalar(half)).to(torch.ScalarType.Double).div(new Scalar(-half));
        Tensor frequencies = torch.pow(new Scalar(config.ropeTheta()), exponents);
        Tensor positions = torch.arange(new Scalar(config.positions())).to(torch.ScalarType.Double);
        Tensor angles = torch.outer(positions, frequencies);
        this.cos = angles.cos().to(torch.ScalarType.Float);
        this.sin = angles.sin().to(torch.ScalarType.Float);
    }

    @Override
    public Tensor logits(Tensor ids) {
        Tensor x = torch.embedding(weight("model.embed_tokens.weight"), ids); // [batch, seq, hidden]
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            x = block(x, "model.layers." + i + ".");
        }
        String head = config.tieWordEmbeddings() ? "model.embed_tokens.weight" : "lm_head.weight";
        return torch.linear(norm(x, "model.norm"), weight(head));
    }

    private Tensor block(Tensor x, String at) {
        long headDim = config.headDim();
        long kvWidth = config.numKeyValueHeads() * headDim;
        Tensor h = norm(x, at + "input_layernorm");
        TensorVector qkv = torch.linear(h, weight(at + "self_attn.q_proj.weight"))
                .split(new long[] {config.numAttentionHeads() * headDim, kvWidth, kvWidth}, -1);
        Tensor q = rotated(LibtorchModel.heads(qkv.get(0), headDim));
        Tensor k = rotated(LibtorchModel.heads(qkv.get(1), headDim));
        Tensor v = LibtorchModel.heads(qkv.get(2), headDim);
        Tensor attended = LibtorchModel.merged(LibtorchModel.attention(q, k, v));
        x = x.add(torch.linear(attended, weight(at + "self_attn.o_proj.weight")));
        h = norm(x, at + "post_attention_layernorm");
        TensorVector gateUp =
                torch.linear(h, weight(at + "mlp.gate_proj.weight")).chunk(2, -1);
        Tensor activated = torch.silu(gateUp.get(0)).mul(gateUp.get(1));
        return x.add(torch.linear(activated, weight(at + "mlp.down_proj.weight")));
    }

    private Tensor norm(Tensor x, String name) {
        return torch.rms_norm(
                x,
                new long[] {config.hiddenSize()},
                new TensorOptional(weight(name + ".weight")),
                new DoubleOptional(config.rmsNormEps()));
    }

    /** Rotary positions, halves as pairs: [batch, heads, seq, headDim]. */
    private Tensor rotated(Tensor x) {
        Tensor c = cos.narrow(0, 0, x.size(2));
        Tensor s = sin.narrow(0, 0, x.size(2));
        TensorVector halves = x.chunk(2, -1);
        Tensor a = halves.get(0);
        Tensor b = halves.get(1);
        return torch.cat(new TensorVector(a.mul(c).sub(b.mul(s)), b.mul(c).add(a.mul(s))), -1)
                .type_as(x);
    }

    private Tensor weight(String name) {
        return weights.get(name);
    }
}
