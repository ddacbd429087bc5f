package dev.cria.optim;

import dev.cria.format.SafetensorsDirectory;
import dev.cria.format.TensorSource;
import dev.cria.nn.Parameter;
import dev.cria.nn.ParameterSpec;
import dev.cria.nn.Parameters;
import dev.cria.tensor.AdamStep;
import dev.cria.tensor.DType;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.QuantizedMoments;
import dev.cria.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * AdamW over all parameters, or those that it is given, as far as this rank moves them: decoupled weight decay on tensors of
 * two or more dimensions, bias correction.
 *
 * @see "Kingma and Ba 2015; Loshchilov and Hutter 2019"
 */
public final class AdamW implements Optimizer {
    private final Kernels kernels;
    private final List<Parameter> parameters;
    private final OptimizerSection settings;
    private final Moments moments;
    private long steps;

    public AdamW(Kernels kernels, Parameters parameters, OptimizerSection settings) {
        this(kernels, parameters.list(), settings);
    }

    /** Over some of a model's parameters. */
    AdamW(Kernels kernels, List<Parameter> parameters, OptimizerSection settings) {
        this.kernels = kernels;
        this.parameters = parameters;
        this.settings = settings;
        this.moments = switch (settings.state()) {
            case FP32 -> new Fp32Moments(parameters);
            case INT8 -> new Int8Moments(parameters);
        };
    }

    static long plannedBytes(OptimizerSection settings, List<ParameterSpec> specs, DType master) {
        return 2
                * specs.stream()
                        .mapToLong(ParameterSpec::elements)
                        .map(n -> switch (settings.state()) {
                            case FP32 -> n * master.bytes();
                            case INT8 -> n + QuantizedMoments.blocks(n) * Float.BYTES;
                        })
                        .sum();
    }

    @Override
    public void step(double learningRate, double gradientScale) {
        steps++;
        for (int i = 0; i < parameters.size(); i++) {
            Parameter parameter = parameters.get(i);
            if (parameter.master().isPresent()) {
                moments.update(kernels, i, parameter, stepOf(parameter, learningRate, gradientScale));
            }
        }
    }

    private AdamStep stepOf(Parameter parameter, double learningRate, double gradientScale) {
        return new AdamStep(
                learningRate,
                settings.betas().get(0),
                settings.betas().get(1),
                settings.eps(),
                parameter.spec().isMatrix() ? settings.weightDecay() : 0,
                gradientScale,
                steps);
    }

    @Override
    public long steps() {
        return steps;
    }

    @Override
    public List<TensorSource> sources(UnaryOperator<Tensor> held) {
        return moments.sources(held);
    }

    @Override
    public void read(SafetensorsDirectory files, long stepsTaken) {
        moments.read(files);
        resumeAt(stepsTaken);
    }

    /** As after a number of steps, with the moments as they are. */
    void resumeAt(long stepsTaken) {
        steps = stepsTaken;
    }

    @Override
    public long bytes() {
        return moments.bytes();
    }

    @Override
    public void close() {
        moments.close();
    }
}
