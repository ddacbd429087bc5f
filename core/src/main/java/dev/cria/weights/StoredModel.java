package dev.cria.weights;

import dev.cria.WorkException;
import dev.cria.format.SafetensorsDirectory;
import dev.cria.format.StorageType;
import dev.cria.format.TensorEntry;
import dev.cria.model.ModelConfig;
import dev.cria.nn.ParameterSpec;
import dev.cria.nn.ParameterSpec.Part;
import dev.cria.nn.Parameters;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The weights of a Hugging Face directory as they lie on the disk, mapped, for what goes through them one by one. The
 * tensors that the configuration asks for must all be there with their shapes; others, such as the masks that old
 * GPT-2 files carry, are passed over.
 */
public final class StoredModel implements AutoCloseable {
    private final Path directory;
    private final ModelConfig config;
    private final TensorFiles layout;
    private final SafetensorsDirectory files;

    private StoredModel(Path directory, ModelConfig config, SafetensorsDirectory files) {
        this.directory = directory;
        this.config = config;
        this.layout = TensorFiles.of(config);
        this.files = files;
    }

    /** Opens a directory and checks every tensor's name, type and shape. */
    public static StoredModel open(Path directory) {
        ModelConfig config = Models.readConfig(directory);
        var files = SafetensorsDirectory.open(directory, "model");
        try {
            requireLayers(config, files, directory);
            StoredModel model = new StoredModel(directory, config, files);
            model.parts().forEach(model::type);
            return model;
        } catch (RuntimeException e) {
            files.close();
            throw e;
        }
    }

    /** Before a list of all layers is made, whose number a stranger's configuration states. */
    private static void requireLayers(ModelConfig config, SafetensorsDirectory files, Path directory) {
        int tensors = files.names().size();
        if (config.layers() > tensors) {
            throw new WorkException(
                    directory + " has " + tensors + " tensors where config.json makes " + config.layers() + " layers",
                    "take config.json and the weights from the same model");
        }
    }

    Path directory() {
        return directory;
    }

    ModelConfig config() {
        return config;
    }

    /** Every named tensor of the configuration, in the order of the files. */
    public List<Part> parts() {
        return config.parameterSpecs().stream()
                .map(ParameterSpec::parts)
                .flatMap(List::stream)
                .toList();
    }

    /** The part of a name. */
    Part part(String name) {
        return parts().stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
    }

    StorageType type(Part part) {
        return entry(part).type();
    }

    /** A part as it lies in the file, its own type and orientation; valid while this is open. The caller closes it. */
    Tensor stored(Part part) {
        TensorEntry entry = entry(part);
        DType dtype = StorageTypes.dtype(entry.type(), entry.name());
        return Tensor.over(files.data(entry.name()), dtype, entry.shape());
    }

    /** Parameters for inference, on the CPU in place as far as can be. They take this over, and close it at their end. */
    Parameters parameters(List<ParameterSpec> specs, Device device, DType compute) {
        List<Tensor> values = new ArrayList<>();
        try {
            for (ParameterSpec spec : specs) {
                DType dtype = spec.isMatrix() ? compute : compute.accumulation();
                Optional<Tensor> placed = device.isCpu() ? inPlace(spec, dtype) : Optional.empty();
                values.add(placed.orElseGet(() -> copied(spec, device, dtype)));
            }
            return Parameters.over(specs, compute, values, this::close);
        } catch (RuntimeException e) {
            values.forEach(Tensor::close);
            close();
            throw e;
        }
    }

    /**
     * A parameter as it lies in the file, not to be written to and valid while this is open, where it needs neither
     * conversion nor turning and its parts follow each other. The caller closes it.
     */
    private Optional<Tensor> inPlace(ParameterSpec spec, DType dtype) {
        boolean asNeeded = spec.parts().stream()
                .allMatch(part -> !config.isStoredTransposed(part) && type(part) == StorageTypes.of(dtype));
        if (!asNeeded) {
            return Optional.empty();
        }
        return files.adjacent(spec.parts().stream().map(p -> entry(p).name()).toList())
                .filter(bytes -> bytes.address() % dtype.bytes() == 0)
                .map(bytes -> Tensor.over(bytes, dtype, spec.shape()));
    }

    /** A parameter in memory, its parts one below the other. The caller closes it. */
    private Tensor copied(ParameterSpec spec, Device device, DType dtype) {
        try (Tensor whole = Tensor.empty(dtype, device, spec.shape())) {
            long row = 0;
            for (Part part : spec.parts()) {
                long rows = part.shape().getFirst();
                try (Tensor stored = stored(part);
                        Tensor target = whole.rows(row, rows)) {
                    layout.copy(stored, target, part);
                }
                row += rows;
            }
            return whole.retain();
        }
    }

    /** True if a part stands as [out, in] and in a type that {@code QuantizedMatrix} takes as it is. */
    boolean isStoredAsRows(Part part) {
        DType dtype = StorageTypes.dtype(type(part), part.name());
        return !config.isStoredTransposed(part) && (dtype == DType.FLOAT32 || dtype == DType.BFLOAT16);
    }

    /** A part in float32 and as [out, in]. The caller closes it. */
    public Tensor floats(Part part) {
        try (Tensor stored = stored(part)) {
            if (!config.isStoredTransposed(part)) {
                return stored.to(DType.FLOAT32);
            }
            try (Tensor transposed = stored.transposed()) {
                return transposed.to(DType.FLOAT32);
            }
        }
    }

    private TensorEntry entry(Part part) {
        TensorEntry entry = TensorFiles.find(files, part.name(), directory);
        long[] shape = layout.storedShape(part);
        if (!Arrays.equals(entry.shape(), shape)) {
            throw new WorkException(
                    directory + ": " + entry.name() + " has shape " + Arrays.toString(entry.shape())
                            + " where config.json makes it " + Arrays.toString(shape),
                    "take config.json and the weights from the same model");
        }
        return entry;
    }

    @Override
    public void close() {
        files.close();
    }
}
