package dev.cria.train;

import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters;
import dev.cria.tensor.AdamStep;
import dev.cria.tensor.Kernels;
import java.util.List;

/**
 * AdamW over all parameters: decoupled weight decay on tensors of two or more dimensions, bias correction.
 *
 * @see "Kingma and Ba 2015; Loshchilov and Hutter 2019"
 */
public final class AdamW implements AutoCloseable {
    private final Kernels kernels;
    private final Parameters parameters;
    private final Recipe.Optimizer settings;
    private final Moments moments;
    private long steps;

    public AdamW(Kernels kernels, Parameters parameters, Recipe.Optimizer settings) {
        this.kernels = kernels;
        this.parameters = parameters;
        this.settings = settings;
        this.moments = switch (settings.state()) {
            case FP32 -> new Fp32Moments(parameters);
            case INT8 -> new Int8Moments(parameters);
        };
    }

    /**
     * Moves the weights, and brings the copies that are computed with up to date.
     *
     * @param gradientScale the clipping factor
     */
    public void step(double learningRate, double gradientScale) {
        steps++;
        List<Parameter> list = parameters.list();
        for (int i = 0; i < list.size(); i++) {
            moments.update(kernels, i, list.get(i), stepOf(list.get(i), learningRate, gradientScale));
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

    /** How often the weights were moved since the moments were zero: t of the bias corrections. */
    public long steps() {
        return steps;
    }

    /** The moments, which checkpoints write and read. */
    public Moments moments() {
        return moments;
    }

    /** Says that the moments were read from a checkpoint that had taken so many steps. */
    public void resumeAt(long stepsTaken) {
        steps = stepsTaken;
    }

    @Override
    public void close() {
        moments.close();
    }
}
