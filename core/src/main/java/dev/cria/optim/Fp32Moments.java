package dev.cria.optim;

import dev.cria.format.SafetensorsDirectory;
import dev.cria.format.TensorSource;
import dev.cria.nn.Parameter;
import dev.cria.tensor.AdamStep;
import dev.cria.tensor.AdamUpdate;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Both moments in the type of the masters. */
final class Fp32Moments implements Moments {
    private final List<StoredTensor> means = new ArrayList<>();
    private final List<StoredTensor> squares = new ArrayList<>();

    Fp32Moments(List<Parameter> parameters) {
        for (Parameter parameter : parameters) {
            means.add(StoredTensor.zeros(parameter, ".exp_avg"));
            squares.add(StoredTensor.zeros(parameter, ".exp_avg_sq"));
        }
    }

    @Override
    public void update(Kernels kernels, int index, Parameter parameter, AdamStep step) {
        kernels.run(new AdamUpdate.Full(
                parameter.master().orElseThrow(),
                parameter.gradient().orElseThrow(),
                means.get(index).here(),
                squares.get(index).here(),
                step,
                parameter.copy()));
    }

    @Override
    public List<TensorSource> sources(UnaryOperator<Tensor> snapshot) {
        List<TensorSource> sources = new ArrayList<>();
        means.forEach(t -> sources.add(t.source(snapshot)));
        squares.forEach(t -> sources.add(t.source(snapshot)));
        return sources;
    }

    @Override
    public void read(SafetensorsDirectory files) {
        means.forEach(t -> t.read(files));
        squares.forEach(t -> t.read(files));
    }

    @Override
    public long bytes() {
        return Stream.concat(means.stream(), squares.stream())
                .mapToLong(StoredTensor::bytes)
                .sum();
    }

    @Override
    public void close() {
        means.forEach(StoredTensor::close);
        squares.forEach(StoredTensor::close);
    }
}
