package dev.cria.nn;

import dev.cria.tensor.ShapeException;
import java.util.Arrays;
import java.util.List;

/**
 * What a parameter is called and how large it is. A parameter may hold several named tensors one below the other, as
 * the query, key and value projections, which are multiplied as one matrix; files and the gradients of tests know the
 * names of the parts only.
 *
 * @param init how a new model fills it
 * @param group with which others an optimizer may treat it alike
 */
public record ParameterSpec(List<Part> parts, Init init, Group group) {

    /** Parameters that optimizers may treat differently. */
    public enum Group {
        /** Matrices of the layers, through which activations are multiplied. */
        MATRICES,
        /** Tables of tokens and positions, and the head. */
        EMBEDDINGS_AND_HEAD,
        /** Norms and biases. */
        VECTORS
    }

    /** One named tensor: a weight [out, in] or a vector [width]. */
    public record Part(String name, List<Long> shape) {
        public long elements() {
            return shape.stream().reduce(1L, Math::multiplyExact);
        }
    }

    /** How a new parameter is filled. */
    public sealed interface Init {
        /** Normal with mean 0. */
        record Normal(double standardDeviation) implements Init {}

        record Constant(double value) implements Init {}

        /** Uniform between −bound and bound. */
        record Uniform(double bound) implements Init {}
    }

    /** A vector, or a matrix of the layers. */
    public ParameterSpec(List<Part> parts, Init init) {
        this(parts, init, parts.getFirst().shape().size() > 1 ? Group.MATRICES : Group.VECTORS);
    }

    public ParameterSpec {
        parts = List.copyOf(parts);
        var first = parts.getFirst().shape();
        for (Part part : parts) {
            if (!part.shape().subList(1, part.shape().size()).equals(first.subList(1, first.size()))) {
                throw new ShapeException(part.name() + part.shape() + " cannot stand below " + first);
            }
        }
    }

    public static ParameterSpec matrix(String name, long out, long in, double standardDeviation) {
        return new ParameterSpec(List.of(new Part(name, List.of(out, in))), new Init.Normal(standardDeviation));
    }

    /** A table with a row for each token or position, or the head. */
    public static ParameterSpec table(String name, long rows, long width, double standardDeviation) {
        return new ParameterSpec(
                List.of(new Part(name, List.of(rows, width))),
                new Init.Normal(standardDeviation),
                Group.EMBEDDINGS_AND_HEAD);
    }

    public static ParameterSpec vector(String name, long width, double value) {
        return new ParameterSpec(List.of(new Part(name, List.of(width))), new Init.Constant(value));
    }

    /** Matrices one below the other that are multiplied as one. */
    public static ParameterSpec stacked(double standardDeviation, Part... parts) {
        return new ParameterSpec(List.of(parts), new Init.Normal(standardDeviation));
    }

    /** Biases of projections that are multiplied as one, which begin as zeros. */
    public static ParameterSpec biases(Part... parts) {
        return new ParameterSpec(List.of(parts), new Init.Constant(0));
    }

    /** The parts' names, joined. */
    public String name() {
        return String.join("+", parts.stream().map(Part::name).toList());
    }

    /** Two or more dimensions: computed in the model's type, and subject to weight decay. */
    public boolean isMatrix() {
        return parts.getFirst().shape().size() > 1;
    }

    public long[] shape() {
        long[] shape =
                parts.getFirst().shape().stream().mapToLong(Long::longValue).toArray();
        shape[0] = parts.stream().mapToLong(p -> p.shape().getFirst()).sum();
        return shape;
    }

    public long elements() {
        return Arrays.stream(shape()).reduce(1, Math::multiplyExact);
    }
}
