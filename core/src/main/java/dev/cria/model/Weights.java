package dev.cria.model;

import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters;
import dev.cria.nn.Projection;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import java.util.Optional;

/** What a model computes with, by the names of its files: dense, quantized, or frozen with adapters around it. */
public interface Weights extends AutoCloseable {

    /** Those that are not quantized. */
    Parameters parameters();

    Device device();

    /** The type that norms and angles are computed in. */
    default DType accumulation() {
        return parameters().storage().compute().accumulation();
    }

    /** The parameter that holds a named tensor. */
    default Parameter parameter(String name) {
        return parameters().withPart(name);
    }

    /** The parameter that holds a named tensor, where the model has it. */
    default Optional<Parameter> find(String name) {
        return parameters().find(name);
    }

    /** The bias of a projection, or of several that are multiplied as one by the name of the first, where it has one. */
    default Optional<Parameter> bias(String projection) {
        return find(projection + ".bias");
    }

    /**
     * The layer of a projection, or of several that are multiplied as one.
     *
     * @param names without {@code .weight}, as {@code model.layers.0.self_attn.q_proj}; all that are stacked, in order
     */
    Projection projection(String... names);

    @Override
    void close();

    /** Dense weights, which these take over. */
    static Weights of(Parameters parameters, Device device) {
        return new Dense(parameters, device);
    }

    /** Weights in the types that they are computed with. */
    record Dense(Parameters parameters, Device device) implements Weights {
        @Override
        public Projection projection(String... names) {
            return new Projection.Dense(parameter(names[0] + ".weight"), bias(names[0]));
        }

        @Override
        public void close() {
            parameters.close();
        }
    }
}
