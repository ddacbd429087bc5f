package dev.cria.bench;

import dev.cria.model.Gpt2Config;
import dev.cria.model.LlamaConfig;
import dev.cria.model.ModelConfig;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A language model of libtorch's own operators, which libtorch's autograd differentiates. */
sealed interface LibtorchModel permits LibtorchLlama, LibtorchGpt2 {

    /**
     * The scores of each next token.
     *
     * @param ids [batch, seq]
     * @return [batch, seq, vocab], bfloat16 under autocast
     */
    Tensor logits(Tensor ids);

    /** The weights by the names that Cria's parameters have. */
    static LibtorchModel of(ModelConfig config, LibtorchWeights weights) {
        return switch (config) {
            case LlamaConfig llama -> new LibtorchLlama(llama, weights);
            case Gpt2Config gpt2 -> new LibtorchGpt2(gpt2, weights);
        };
    }

    /** The mean cross entropy, in float32 as everybody computes it. */
    default Tensor loss(Tensor ids, Tensor targets) {
        Tensor logits = logits(ids);
        return torch.cross_entropy_loss(logits.view(-1, logits.size(-1)).to(ScalarType.Float), targets.view(-1));
    }

    /**
     * Causal attention over heads, [batch, heads, seq, headDim], by libtorch's choice of implementation, in float32.
     * Autocast would take bfloat16, where the backward of libtorch without MKL falls back to a loop without vectors: 260
     * ms a layer of nano against 30 in float32, casts apart.
     */
    static Tensor attention(Tensor q, Tensor k, Tensor v) {
        boolean autocast = torch.is_autocast_enabled(DeviceType.CPU);
        torch.set_autocast_enabled(DeviceType.CPU, false);
        try {
            return torch.scaled_dot_product_attention(
                            q.to(ScalarType.Float),
                            k.to(ScalarType.Float),
                            v.to(ScalarType.Float),
                            new TensorOptional(),
                            0,
                            true,
                            new DoubleOptional(),
                            q.size(1) != k.size(1))
                    .type_as(v);
        } finally {
            torch.set_autocast_enabled(DeviceType.CPU, autocast);
        }
    }

    /** [batch, seq, width] as [batch, heads, seq, headDim]. */
    static Tensor heads(Tensor x, long headDim) {
        return x.view(x.size(0), x.size(1), -1, headDim).transpose(1, 2);
    }

    /** [batch, heads, seq, headDim] as [batch, seq, width]. */
    static Tensor merged(Tensor x) {
        return x.transpose(1, 2).reshape(x.size(0), x.size(2), -1);
    }
}
