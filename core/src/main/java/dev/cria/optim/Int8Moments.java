package dev.cria.optim;

import dev.cria.format.SafetensorsDirectory;
import dev.cria.format.TensorSource;
import dev.cria.nn.Parameter;
import dev.cria.tensor.AdamStep;
import dev.cria.tensor.AdamUpdate;
import dev.cria.tensor.DType;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.QuantizedMoments;
import dev.cria.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Both moments in 8 bits an element, with a scale for each block of {@link QuantizedMoments#BLOCK}: 2.03 bytes a weight
 * instead of 8.
 *
 * @see "Dettmers et al. 2022, 8-bit Optimizers via Block-wise Quantization"
 */
final class Int8Moments implements Moments {
    private final List<StoredTensor> stored = new ArrayList<>();
    private final List<Optional<QuantizedMoments>> means = new ArrayList<>();
    private final List<Optional<QuantizedMoments>> squares = new ArrayList<>();

    Int8Moments(List<Parameter> parameters) {
        for (Parameter parameter : parameters) {
            means.add(zeros(parameter, ".exp_avg"));
            squares.add(zeros(parameter, ".exp_avg_sq"));
        }
    }

    private Optional<QuantizedMoments> zeros(Parameter parameter, String suffix) {
        long elements = parameter.elements();
        StoredTensor codes = StoredTensor.zeros(parameter, suffix, DType.INT8, elements);
        StoredTensor scales =
                StoredTensor.zeros(parameter, suffix + ".scale", DType.FLOAT32, QuantizedMoments.blocks(elements));
        stored.add(codes);
        stored.add(scales);
        return codes.tensor().map(tensor -> new QuantizedMoments(tensor, scales.here()));
    }

    @Override
    public void update(Kernels kernels, int index, Parameter parameter, AdamStep step) {
        kernels.run(new AdamUpdate.Quantized(
                parameter.master().orElseThrow(),
                parameter.gradient().orElseThrow(),
                means.get(index).orElseThrow(),
                squares.get(index).orElseThrow(),
                step,
                parameter.copy()));
    }

    @Override
    public List<TensorSource> sources(UnaryOperator<Tensor> snapshot) {
        return stored.stream().map(t -> t.source(snapshot)).toList();
    }

    @Override
    public void read(SafetensorsDirectory files) {
        stored.forEach(t -> t.read(files));
    }

    @Override
    public long bytes() {
        return stored.stream().mapToLong(StoredTensor::bytes).sum();
    }

    @Override
    public void close() {
        stored.forEach(StoredTensor::close);
    }
}
