package dev.cria.nn;

import dev.cria.tensor.DType;
import dev.cria.tensor.QuantizedMatrix;
import dev.cria.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * What a linear layer multiplies by: a matrix, a quantized one, or a frozen matrix with trained low-rank corrections.
 */
public sealed interface Projection {

    /** Rows of the matrix. */
    long outputs();

    /** What low-rank corrections are added to. */
    sealed interface Base {
        long outputs();

        /** Added to every row of the output. */
        Optional<Parameter> bias();

        /** The matrix [out, in] in the type that is computed with. The caller closes it. */
        Tensor matrix(DType compute);

        /** What the gradient of the matrix is added to; none where it is frozen. */
        Optional<Tensor> gradient();

        /** Those that it reads. */
        List<Parameter> parameters();
    }

    /** y = x·wᵀ + b with a frozen, quantized matrix. Alone it serves inference only. */
    record Quantized(QuantizedMatrix quantized, Optional<Parameter> bias) implements Projection, Base {
        public static Quantized of(QuantizedMatrix quantized) {
            return new Quantized(quantized, Optional.empty());
        }

        @Override
        public long outputs() {
            return quantized.outputs();
        }

        @Override
        public Tensor matrix(DType compute) {
            Tensor made = Tensor.empty(compute, quantized.device(), quantized.outputs(), quantized.inputs());
            quantized.unpack(made);
            return made;
        }

        @Override
        public Optional<Tensor> gradient() {
            return Optional.empty();
        }

        @Override
        public List<Parameter> parameters() {
            return bias.map(List::of).orElse(List.of());
        }
    }

    /** y = x·wᵀ + b. */
    record Dense(Parameter weight, Optional<Parameter> bias) implements Projection, Base {
        public static Dense of(Parameter weight) {
            return new Dense(weight, Optional.empty());
        }

        @Override
        public long outputs() {
            return weight.value().size(0);
        }

        @Override
        public Tensor matrix(DType compute) {
            return weight.value().retain();
        }

        @Override
        public Optional<Tensor> gradient() {
            return weight.gradient();
        }

        @Override
        public List<Parameter> parameters() {
            return bias.map(b -> List.of(weight, b)).orElseGet(() -> List.of(weight));
        }
    }

    /**
     * The base, plus for each adapter scale·(x·aᵀ)·bᵀ in the columns that it adapts.
     *
     * @see "Hu et al. 2021, LoRA: Low-Rank Adaptation of Large Language Models"
     */
    record LowRank(Base base, List<Adapter> adapters) implements Projection {
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
