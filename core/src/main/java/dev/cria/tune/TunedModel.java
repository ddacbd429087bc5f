package dev.cria.tune;

import dev.cria.RequestException;
import dev.cria.model.Llama;
import dev.cria.model.LlamaConfig;
import dev.cria.model.ModelConfig;
import dev.cria.model.Weights;
import dev.cria.nn.Parameters;
import dev.cria.nn.Parameters.Storage;
import dev.cria.nn.Projection;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.weights.Models;
import dev.cria.weights.QuantizedWeights;
import dev.cria.weights.StoredModel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** A frozen LLaMA with trainable adapters around its projections. Owns both. */
record TunedModel(Llama llama, Adapters adapters) implements AutoCloseable {

    /** The configuration of a model that can be tuned. */
    static LlamaConfig config(Path directory) {
        ModelConfig config = Models.readConfig(directory);
        if (config instanceof LlamaConfig llama) {
            return llama;
        }
        throw new RequestException(
                directory + " is not a LLaMA, and adapters are made for LLaMA's projections",
                "name a directory whose config.json has a model_type of the Llama family, such as llama or qwen2");
    }

    /**
     * Loads the base and puts the adapters around it; takes them over.
     *
     * @param kept the type in which the projections' weights are kept, if it is not the one computed with
     */
    static TunedModel load(Path directory, Adapters adapters, Optional<DType> kept, Device device) {
        LlamaConfig config = config(directory);
        DType compute = adapters.parameters().storage().compute();
        Weights base = kept.map(type -> quantized(directory, config, compute, type, device))
                .orElseGet(() -> Models.loadWeights(directory, device, Storage.inference(compute)));
        return new TunedModel(new Llama(config, new Adapted(base, adapters)), adapters);
    }

    private static Weights quantized(Path directory, LlamaConfig config, DType compute, DType type, Device device) {
        Set<String> stacks = Adapters.stacks(config);
        return QuantizedWeights.loadFrozen(
                StoredModel.open(directory),
                device,
                compute,
                type,
                spec -> stacks.contains(spec.parts().getFirst().name().replaceFirst("\\.weight$", "")));
    }

    /** The base's weights, with adapters around the projections of its layers. */
    private record Adapted(Weights base, Adapters adapters) implements Weights {
        @Override
        public Parameters parameters() {
            return base.parameters();
        }

        @Override
        public Device device() {
            return base.device();
        }

        @Override
        public Projection projection(String... names) {
            Projection frozen = base.projection(names);
            return adapters.concern(names[0]) ? adapters.around(names[0], (Projection.Base) frozen) : frozen;
        }

        @Override
        public void close() {
            base.close();
        }
    }

    @Override
    public void close() {
        llama.close();
        adapters.close();
    }
}
