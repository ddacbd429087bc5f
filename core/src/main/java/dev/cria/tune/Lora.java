package dev.cria.tune;

import dev.cria.RequestException;
import java.util.List;

/**
 * The shape of low-rank adapters.
 *
 * @param rank rows of A and columns of B
 * @param alpha the correction is (alpha / rank)·B·A
 * @param dropout of the adapters' inputs; 0, for the paper's recipe has none
 * @param targets the projections that get adapters, by their Hugging Face names
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
