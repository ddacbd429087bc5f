package dev.cria.weights;

import dev.cria.model.ModelConfig;
import dev.cria.model.Weights;
import dev.cria.nn.ParameterSpec;
import dev.cria.nn.ParameterSpec.Part;
import dev.cria.nn.Parameters;
import dev.cria.nn.Projection;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.QuantizedMatrix;
import dev.cria.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A model's weights with some of its matrices quantized; all else, such as tables, norms and biases, is in the type of the
 * activations. Owns them.
 */
public final class QuantizedWeights implements Weights {
    private final Parameters dense;
    private final Device device;
    private final Map<String, QuantizedMatrix> quantized;

    private QuantizedWeights(Parameters dense, Device device) {
        this.dense = dense;
        this.device = device;
        this.quantized = new LinkedHashMap<>();
    }

    /**
     * For decoding: every matrix that is multiplied by, the head included. Matrices are quantized part by part, so that
     * none is ever whole in a wide type. On the CPU, tables stay in the files where they can. The files are taken over.
     *
     * @param type int8, or a floating type that is narrower than {@code compute}
     */
    public static QuantizedWeights load(StoredModel files, Device device, DType compute, DType type, PartEdit edit) {
        ModelConfig config = files.config();
        Predicate<ParameterSpec> isMultiplied =
                spec -> spec.isMatrix() && !config.isTable(spec.parts().getFirst());
        return load(files, device, compute, isMultiplied, new Quantization(type, edit, config.tieWordEmbeddings()));
    }

    /** For tuning: the matrices that are picked, and no other. The files are taken over. */
    public static QuantizedWeights loadFrozen(
            StoredModel files, Device device, DType compute, DType type, Predicate<ParameterSpec> picked) {
        return load(files, device, compute, picked, new Quantization(type, PartEdit.none(), false));
    }

    /** @param tiedHead whether the token embedding is quantized, too, to serve as the head */
    private record Quantization(DType type, PartEdit edit, boolean tiedHead) {}

    private static QuantizedWeights load(
            StoredModel files,
            Device device,
            DType compute,
            Predicate<ParameterSpec> picked,
            Quantization quantization) {
        List<ParameterSpec> specs = files.config().parameterSpecs();
        List<ParameterSpec> others = specs.stream().filter(picked.negate()).toList();
        var weights = new QuantizedWeights(files.parameters(others, device, compute), device);
        try {
            for (ParameterSpec spec : specs) {
                if (picked.test(spec) || quantization.tiedHead() && spec == specs.getFirst()) {
                    weights.quantize(spec, files, quantization);
                }
            }
            return weights;
        } catch (RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    private void quantize(ParameterSpec spec, StoredModel files, Quantization quantization) {
        QuantizedMatrix matrix =
                QuantizedMatrix.allocate(quantization.type(), device, spec.shape()[0], spec.shape()[1]);
        quantized.put(spec.parts().getFirst().name(), matrix);
        long row = 0;
        for (Part part : spec.parts()) {
            try (Tensor rows = rows(part, files, quantization)) {
                matrix.pack(row, rows);
            }
            row += part.shape().getFirst();
        }
    }

    /** A part as it lies in the file, where it need not be changed. */
    private Tensor rows(Part part, StoredModel files, Quantization quantization) {
        PartEdit edit = quantization.edit();
        boolean readable = quantization.type() == DType.INT8 && device.isCpu() && files.isStoredAsRows(part);
        if (readable && !edit.concerns(part)) {
            return files.stored(part);
        }
        try (Tensor floats = files.floats(part)) {
            if (edit.concerns(part)) {
                edit.apply(part, floats);
            }
            return device.isCpu() ? floats.retain() : floats.to(device);
        }
    }

    @Override
    public Parameters parameters() {
        return dense;
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public Projection projection(String... names) {
        QuantizedMatrix matrix = quantized.get(names[0] + ".weight");
        return matrix == null
                ? new Projection.Dense(parameter(names[0] + ".weight"), bias(names[0]))
                : new Projection.Quantized(matrix, bias(names[0]));
    }

    @Override
    public void close() {
        quantized.values().forEach(QuantizedMatrix::close);
        dense.close();
    }
}
