package dev.cria.tune;

import dev.cria.RequestException;
import dev.cria.model.Llama;
import dev.cria.model.LlamaConfig;
import dev.cria.model.ModelConfig;
import dev.cria.model.Models;
import dev.cria.model.TensorFiles;
import dev.cria.nn.Parameters;
import dev.cria.nn.Parameters.Storage;
import dev.cria.nn.Projection.Dense;
import dev.cria.tensor.Device;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/** A frozen LLaMA with trainable adapters around its projections. Owns both. */
record TunedModel(Llama llama, Adapters adapters) implements AutoCloseable {

    /** The configuration of a model that can be tuned. */
    static LlamaConfig config(Path directory) {
        ModelConfig config = Models.readConfig(directory);
        if (config instanceof LlamaConfig llama) {
            return llama;
        }
        throw new RequestException(
                directory + " is no LLaMA, and adapters are made for LLaMA's projections",
                "name a directory whose config.json has model_type llama");
    }

    /** Loads the base and puts the adapters around it; takes them over. */
    static TunedModel load(Path directory, Adapters adapters, Device device) {
        LlamaConfig config = config(directory);
        var storage = Storage.inference(adapters.parameters().storage().compute());
        Parameters base = Parameters.allocate(config.parameterSpecs(), device, storage);
        TensorFiles.of(config).read(directory, "model", base, Models::weights, UnaryOperator.identity());
        return new TunedModel(
                new Llama(
                        config,
                        base,
                        device,
                        stack -> adapters.around(stack, Dense.of(base.holding(stack + ".weight")))),
                adapters);
    }

    @Override
    public void close() {
        llama.close();
        adapters.close();
    }
}
