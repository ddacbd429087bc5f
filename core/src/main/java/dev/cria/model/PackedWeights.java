package dev.cria.model;

import dev.cria.nn.Parameter;
import dev.cria.nn.ParameterSpec;
import dev.cria.nn.ParameterSpec.Part;
import dev.cria.nn.Parameters;
import dev.cria.nn.Parameters.Storage;
import dev.cria.nn.Projection;
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
import java.util.function.UnaryOperator;

/**
 * A model's weights for decoding: every matrix that is multiplied by, the head included, in 8 bits; the tables that are
 * looked up, norms and biases in the type of the activations. Owns them.
 */
final class PackedWeights implements AutoCloseable {
    private static final Set<String> TABLES =
            Set.of("model.embed_tokens.weight", "transformer.wte.weight", "transformer.wpe.weight");

    private final Parameters dense;
    private final Map<String, PackedMatrix> packed;

    private PackedWeights(Parameters dense, Map<String, PackedMatrix> packed) {
        this.dense = dense;
        this.packed = packed;
    }

    /**
     * Packs the weights of a directory part by part, so that none is ever whole in a wide type. On the CPU, tables stay in
     * the files where they can, and the files are taken over; for other devices the caller closes them.
     */
    static PackedWeights load(StoredModel files, Path directory, Device device, DType compute, PartEdit edit) {
        ModelConfig config = files.config();
        List<ParameterSpec> specs = config.parameterSpecs();
        List<ParameterSpec> tables =
                specs.stream().filter(spec -> !isPacked(spec)).toList();
        Parameters dense = device.isCpu()
                ? files.parameters(tables, compute)
                : Parameters.allocate(tables, device, Storage.inference(compute));
        var weights = new PackedWeights(dense, new LinkedHashMap<>());
        try {
            if (!device.isCpu()) {
                TensorFiles.of(config).read(directory, "model", dense, Models::weights, UnaryOperator.identity());
            }
            for (ParameterSpec spec : specs) {
                if (isPacked(spec) || config.tieWordEmbeddings() && spec == specs.getFirst()) {
                    weights.pack(spec, files, device, edit);
                }
            }
            return weights;
        } catch (RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    private static boolean isPacked(ParameterSpec spec) {
        return spec.isMatrix() && !TABLES.contains(spec.name());
    }

    private void pack(ParameterSpec spec, StoredModel files, Device device, PartEdit edit) {
        PackedMatrix matrix = PackedMatrix.allocate(DType.INT8, device, spec.shape()[0], spec.shape()[1]);
        packed.put(spec.parts().getFirst().name(), matrix);
        long row = 0;
        for (Part part : spec.parts()) {
            try (Tensor rows = rows(part, files, device, edit)) {
                matrix.pack(row, rows);
            }
            row += part.shape().getFirst();
        }
    }

    /** A part as it lies in the file, where it need not be changed. */
    private static Tensor rows(Part part, StoredModel files, Device device, PartEdit edit) {
        if (device.isCpu() && !edit.concerns(part) && files.isStoredAsRows(part)) {
            return files.stored(part);
        }
        try (Tensor floats = files.floats(part)) {
            if (edit.concerns(part)) {
                edit.apply(part, floats);
            }
            return device.isCpu() ? floats.retain() : floats.to(device);
        }
    }

    Parameters dense() {
        return dense;
    }

    /** The layer of the parameter that holds a named matrix; only for first parts. */
    Projection layer(String name, Optional<Parameter> bias) {
        PackedMatrix matrix = packed.get(name);
        if (matrix == null) {
            throw new IllegalArgumentException("no matrix in 8 bits begins with " + name);
        }
        return new Packed(matrix, bias);
    }

    @Override
    public void close() {
        packed.values().forEach(PackedMatrix::close);
        dense.close();
    }
}
