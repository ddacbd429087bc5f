package dev.cria.nn;

import java.util.List;
import java.util.Optional;

/** What a linear layer multiplies by: a matrix, or a frozen matrix with trained low-rank corrections. */
public sealed interface Projection {

    /** Rows of the matrix. */
    long outputs();

    /** y = x·wᵀ + b. */
    record Dense(Parameter weight, Optional<Parameter> bias) implements Projection {
        public static Dense of(Parameter weight) {
            return new Dense(weight, Optional.empty());
        }

        @Override
        public long outputs() {
            return weight.value().size(0);
        }

        List<Parameter> parameters() {
            return bias.map(b -> List.of(weight, b)).orElseGet(() -> List.of(weight));
        }
    }

    /**
     * The base, plus for each adapter scale·(x·aᵀ)·bᵀ in the columns that it adapts.
     *
     * @see "Hu et al. 2021, LoRA: Low-Rank Adaptation of Large Language Models"
     */
    record LowRank(Dense base, List<Adapter> adapters) implements Projection {
        public LowRank {
            adapters = List.copyOf(adapters);
        }

        @Override
        public long outputs() {
            return base.outputs();
        }
    }

    /**
     * A low-rank correction of some columns of the output.
     *
     * @param a [rank, in]
     * @param b [width, rank]
     * @param start the first column that it corrects
     * @param scale alpha / rank
     */
    record Adapter(Parameter a, Parameter b, long start, double scale) {}
}
