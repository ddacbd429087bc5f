package dev.cria.tune;

import dev.cria.RequestException;
import java.util.List;

/**
 * The shape of low-rank adapters.
 *
 * @param rank rank of the adapters, the rows of A and the columns of B; at least 1
 * @param alpha scale of the adapters, which add (alpha / rank)·B·A to the weights; above 0
 * @param dropout dropout of the adapters' inputs, which the paper's recipe has not; only 0
 * @param targets projections that get adapters; q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj
 * @see "Hu et al. 2021, LoRA: Low-Rank Adaptation of Large Language Models"
 */
public record Lora(int rank, double alpha, double dropout, List<String> targets) {
    /** Every projection of a LLaMA's layers. */
    public static final List<String> ALL_TARGETS =
            List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");

    public Lora {
        targets = List.copyOf(targets);
        if (rank < 1) {
            throw new RequestException("lora.rank is " + rank + ", not at least 1", "--set lora.rank=128");
        }
        if (!(alpha > 0)) {
            throw new RequestException("lora.alpha is " + alpha + ", not above 0", "--set lora.alpha=16");
        }
        if (dropout != 0) {
            throw new RequestException("lora.dropout is " + dropout + "; only 0 is supported", "--set lora.dropout=0");
        }
        if (targets.isEmpty() || !ALL_TARGETS.containsAll(targets)) {
            throw new RequestException(
                    "lora.targets is " + targets + "; each must be one of " + String.join(", ", ALL_TARGETS),
                    "--set lora.targets=[q_proj,v_proj]");
        }
    }
}
