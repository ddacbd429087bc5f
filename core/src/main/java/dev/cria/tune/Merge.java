package dev.cria.tune;

import dev.cria.RequestException;
import dev.cria.format.AtomicDirectory;
import dev.cria.format.SafetensorsDirectory;
import dev.cria.format.SafetensorsWriter;
import dev.cria.format.TensorEntry;
import dev.cria.format.TensorSource;
import dev.cria.model.LanguageModel;
import dev.cria.model.Llama;
import dev.cria.model.LlamaConfig;
import dev.cria.nn.ParameterSpec.Part;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Elementwise;
import dev.cria.tensor.Into;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.MatrixProduct;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import dev.cria.weights.ModelPlace;
import dev.cria.weights.Models;
import dev.cria.weights.PartEdit;
import dev.cria.weights.StorageTypes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Adds adapters into the weights that they were made for: W + scale·B·A, computed in float32 and stored in the base's
 * type. Converts one tensor at a time, so that a large model needs little memory.
 */
public final class Merge {
    private static final List<String> COMPANIONS = List.of(
            "config.json",
            "generation_config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "chat_template.jinja",
            "vocab.json",
            "merges.txt");

    private final Adapters adapters;
    private final Kernels kernels;

    private Merge(Adapters adapters) {
        this.adapters = adapters;
        this.kernels = Kernels.of(Device.CPU, Kernels.Choice.AUTO);
    }

    /**
     * Writes the model directory {@code out}.
     *
     * @param runOrModel the base, which stays as it is
     */
    public static void merge(Path adapter, Path runOrModel, Path out) {
        Path base = ModelPlace.of(runOrModel);
        LlamaConfig config = TunedModel.config(base);
        try (Adapters adapters = PeftFiles.load(adapter, config, Device.CPU, Storage.inference(DType.FLOAT32))) {
            AtomicDirectory.write(out, directory -> new Merge(adapters).write(base, directory));
        }
    }

    /** Adds an adapter into the weights of a model in memory, in the type that they have there. */
    public static void addTo(LanguageModel model, Path adapter) {
        if (!(model instanceof Llama llama)) {
            throw new RequestException(adapter + " is an adapter, and the model is not a LLaMA", "name its own base");
        }
        try (Adapters adapters =
                PeftFiles.load(adapter, llama.config(), Device.CPU, Storage.inference(DType.FLOAT32))) {
            Merge merge = new Merge(adapters);
            for (Adapters.Module module : adapters.modules()) {
                Tensor stack =
                        llama.parameters().withPart(module.stack() + ".weight").value();
                try (var scope = new Scope()) {
                    Tensor rows = scope.own(stack.rows(module.start(), module.outputs()));
                    Tensor merged = scope.own(Tensor.empty(DType.FLOAT32, Device.CPU, rows.shape()));
                    merged.copyFrom(rows);
                    merge.addTo(merged, module);
                    rows.copyFrom(merged);
                }
            }
        }
    }

    /** The model of a directory for decoding, in 8 bits, with an adapter added before its weights are rounded. */
    public static LanguageModel loadQuantized(Path base, Path adapter, Device device, DType compute) {
        LlamaConfig config = TunedModel.config(base);
        try (Adapters adapters = PeftFiles.load(adapter, config, Device.CPU, Storage.inference(DType.FLOAT32))) {
            var merge = new Merge(adapters);
            return Models.loadQuantized(base, device, compute, new PartEdit() {
                @Override
                public boolean concerns(Part part) {
                    return merge.module(part.name()).isPresent();
                }

                @Override
                public void apply(Part part, Tensor weights) {
                    merge.module(part.name()).ifPresent(module -> merge.addTo(weights, module));
                }
            });
        }
    }

    private Optional<Adapters.Module> module(String weight) {
        return adapters.modules().stream()
                .filter(m -> weight.equals(m.name() + ".weight"))
                .findFirst();
    }

    private void write(Path base, Path directory) throws IOException {
        for (String name : COMPANIONS) {
            if (Files.isRegularFile(base.resolve(name))) {
                Files.copy(base.resolve(name), directory.resolve(name));
            }
        }
        try (var files = SafetensorsDirectory.open(base, "model")) {
            List<TensorSource> sources =
                    files.names().stream().map(name -> source(files, name)).toList();
            SafetensorsWriter.writeDirectory(
                    directory, "model", sources, Map.of("format", "pt"), SafetensorsWriter.SHARD_BYTES);
        }
    }

    private TensorSource source(SafetensorsDirectory files, String name) {
        TensorEntry entry = files.entry(name);
        Optional<Adapters.Module> module = module(name);
        if (module.isEmpty()) {
            return TensorSource.of(name, entry.type(), entry.shape(), () -> files.data(name));
        }
        DType stored = StorageTypes.dtype(entry.type(), name);
        return TensorSource.streamed(name, entry.type(), entry.shape(), sink -> {
            try (var scope = new Scope()) {
                Tensor base = scope.own(Tensor.over(files.data(name), stored, entry.shape()));
                Tensor merged = scope.own(base.to(DType.FLOAT32));
                addTo(merged, module.get());
                sink.write(scope.own(merged.to(stored)).segment());
            }
        });
    }

    /** w += scale·B·A. */
    private void addTo(Tensor w, Adapters.Module module) {
        Tensor a = adapters.parameters().withPart(module.weightA()).value();
        Tensor b = adapters.parameters().withPart(module.weightB()).value();
        try (Tensor scaled = b.to(DType.FLOAT32)) {
            kernels.run(new Elementwise.Scale(scaled, adapters.scale()));
            kernels.run(new MatrixProduct.InputGradient(scaled, a, w, Into.ACCUMULATE));
        }
    }
}
