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
            means.add(zeros(parameter, ".exp_avg"));
            squares.add(zeros(parameter, ".exp_avg_sq"));
        }
    }

    private static StoredTensor zeros(Parameter parameter, String suffix) {
        Tensor master = parameter.master().orElseThrow();
        Tensor made = Tensor.zeros(master.dtype(), master.device(), master.shape());
        return new StoredTensor(parameter.spec().name() + suffix, made);
    }

    @Override
    public void update(Kernels kernels, int index, Parameter parameter, AdamStep step) {
        kernels.run(new AdamUpdate.Full(
                parameter.master().orElseThrow(),
                parameter.gradient().orElseThrow(),
                means.get(index).tensor(),
                squares.get(index).tensor(),
                step,
                parameter.copy()));
    }

    @Override
    public List<TensorSource> sources(UnaryOperator<Tensor> snapshot) {
        List<TensorSource> sources = new ArrayList<>();
        means.forEach(t -> sources.add(t.source(snapshot.apply(t.tensor()))));
        squares.forEach(t -> sources.add(t.source(snapshot.apply(t.tensor()))));
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
                .mapToLong(t -> t.tensor().bytes())
                .sum();
    }

    @Override
    public void close() {
        means.forEach(t -> t.tensor().close());
        squares.forEach(t -> t.tensor().close());
    }
}
