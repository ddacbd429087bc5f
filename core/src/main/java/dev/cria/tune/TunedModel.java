package dev.cria.tune;

import dev.cria.RequestException;
import dev.cria.model.Llama;
import dev.cria.model.LlamaConfig;
import dev.cria.model.ModelConfig;
import dev.cria.model.Models;
import dev.cria.model.StoredModel;
import dev.cria.model.TensorFiles;
import dev.cria.nn.ParameterSpec;
import dev.cria.nn.Parameters;
import dev.cria.nn.Parameters.Storage;
import dev.cria.nn.Projection;
import dev.cria.nn.Projection.Dense;
import dev.cria.nn.Projection.Packed;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.PackedMatrix;
import dev.cria.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * A frozen LLaMA with trainable adapters around its projections. Owns both.
 *
 * @param packed the projections' weights, where they are kept in another type than they are computed with
 */
record TunedModel(Llama llama, Adapters adapters, List<PackedMatrix> packed) implements AutoCloseable {

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

    /**
     * Loads the base and puts the adapters around it; takes them over.
     *
     * @param kept the type in which the projections' weights are kept, if it is not the one computed with
     */
    static TunedModel load(Path directory, Adapters adapters, Optional<DType> kept, Device device) {
        LlamaConfig config = config(directory);
        var storage = Storage.inference(adapters.parameters().storage().compute());
        Set<String> packedStacks = kept.isPresent() ? stacks(config) : Set.of();
        List<ParameterSpec> dense = config.parameterSpecs().stream()
                .filter(spec -> !packedStacks.contains(stack(spec)))
                .toList();
        Parameters base = Parameters.allocate(dense, device, storage);
        TensorFiles.of(config).read(directory, "model", base, Models::weights, UnaryOperator.identity());
        Map<String, PackedMatrix> packed =
                kept.map(type -> packed(directory, config, type, device)).orElse(Map.of());
        Function<String, Projection> projections = stack -> adapters.around(
                stack,
                packed.containsKey(stack) ? Packed.of(packed.get(stack)) : Dense.of(base.holding(stack + ".weight")));
        return new TunedModel(new Llama(config, base, device, projections), adapters, List.copyOf(packed.values()));
    }

    private static Set<String> stacks(LlamaConfig config) {
        return Adapters.modules(config).stream().map(Adapters.Module::stack).collect(Collectors.toSet());
    }

    private static String stack(ParameterSpec spec) {
        return spec.parts().getFirst().name().replaceFirst("\\.weight$", "");
    }

    /** Every stack of projections, packed part by part, so that none is ever whole in a wide type. */
    private static Map<String, PackedMatrix> packed(Path directory, LlamaConfig config, DType type, Device device) {
        Set<String> stacks = stacks(config);
        Map<String, PackedMatrix> packed = new LinkedHashMap<>();
        try (StoredModel files = StoredModel.open(directory)) {
            for (ParameterSpec spec : config.parameterSpecs()) {
                if (!stacks.contains(stack(spec))) {
                    continue;
                }
                PackedMatrix matrix = PackedMatrix.allocate(type, device, spec.shape()[0], spec.shape()[1]);
                packed.put(stack(spec), matrix);
                long row = 0;
                for (ParameterSpec.Part part : spec.parts()) {
                    try (Tensor floats = files.floats(part);
                            Tensor there = device.isCpu() ? floats.retain() : floats.to(device)) {
                        matrix.pack(row, there);
                    }
                    row += part.shape().getFirst();
                }
            }
        }
        return packed;
    }

    @Override
    public void close() {
        llama.close();
        packed.forEach(PackedMatrix::close);
        adapters.close();
    }
}
