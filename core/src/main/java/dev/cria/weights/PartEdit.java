package dev.cria.weights;

import dev.cria.nn.ParameterSpec.Part;
import dev.cria.tensor.Tensor;

/** A change of weights on their way from the disk, such as an adapter's. */
public interface PartEdit {

    /** True if {@link #apply} changes this part. */
    boolean concerns(Part part);

    /** Changes a part in place. {@code weights [out, in]} in float32 on the CPU */
    void apply(Part part, Tensor weights);

    /** No change. */
    static PartEdit none() {
        return new None();
    }

    /** No change. */
    record None() implements PartEdit {
        @Override
        public boolean concerns(Part part) {
            return false;
        }

        @Override
        public void apply(Part part, Tensor weights) {}
    }
}
