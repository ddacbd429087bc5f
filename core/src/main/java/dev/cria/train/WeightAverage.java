package dev.cria.train;

import dev.cria.model.ModelConfig;
import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters;
import dev.cria.parallel.OwnedNumbers;
import dev.cria.parallel.Ranks;
import dev.cria.tensor.Elementwise;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import dev.cria.weights.Models;
import dev.cria.weights.TensorFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * An exponential moving average of a model's weights: a ← d·a + (1 − d)·w after a step, in the masters' type, with
 * d = min(decay, (1 + t) / (10 + t)) after t updates, so that what weights were at random is soon forgotten. It is
 * evaluated and written beside the weights, and changes nothing of the training. Where ranks share the parameters each averages
 * those that it moves.
 *
 * @see "Polyak and Juditsky 1992; the warm-up of d is TensorFlow's ExponentialMovingAverage's"
 */
final class WeightAverage implements AutoCloseable {
    /** The folder of a checkpoint that holds the average as a model directory. */
    static final String FOLDER = "ema";

    private final Recipe.Ema settings;
    private final Kernels kernels;
    private final Parameters parameters;
    private final Ranks ranks;
    private final Map<Parameter, Tensor> averages = new IdentityHashMap<>();

    /** Begins as the weights are. */
    WeightAverage(Recipe.Ema settings, Kernels kernels, Parameters parameters, Ranks ranks) {
        this.settings = settings;
        this.kernels = kernels;
        this.parameters = parameters;
        this.ranks = ranks;
        for (Parameter parameter : parameters.own()) {
            Tensor weights = Models.weights(parameter);
            averages.put(parameter, weights.to(weights.dtype()));
        }
    }

    /**
     * Goes on from a checkpoint.
     *
     * @return false where the checkpoint has none, because it was switched on later
     */
    boolean read(Path checkpoint, ModelConfig config) {
        Path folder = checkpoint.resolve(FOLDER);
        if (!Files.isDirectory(folder)) {
            return false;
        }
        TensorFiles.of(config).readOwn(folder, "model", parameters, this::of);
        return true;
    }

    /** Takes in the weights that a step has left, if it is one of those. */
    void update(long step) {
        long taken = step + 1;
        if (taken % settings.every() != 0) {
            return;
        }
        double t = (double) taken / settings.every();
        double decay = Math.min(settings.decay(), (1 + t) / (10 + t));
        for (Parameter parameter : parameters.own()) {
            Tensor average = of(parameter);
            kernels.run(new Elementwise.Axpby(1 - decay, Models.weights(parameter), decay, average));
        }
    }

    /** The average of a parameter that this rank moves, which stays this object's. */
    Tensor of(Parameter parameter) {
        return Objects.requireNonNull(averages.get(parameter));
    }

    /**
     * Lets the first rank's model compute with the average while something runs; afterwards all is bit for bit as it was. Where
     * ranks share the parameters, all of them must call this.
     */
    void during(Runnable evaluation) {
        List<Tensor> kept = new ArrayList<>();
        try (var all = new OwnedNumbers(parameters, ranks, this::of)) {
            for (Parameter parameter : parameters.list()) {
                Tensor average = all.of(parameter);
                if (ranks.isFirst()) {
                    kept.add(parameter.value().to(parameter.value().dtype()));
                    parameter.value().copyFrom(average);
                }
            }
            evaluation.run();
        } finally {
            for (int i = 0; i < kept.size(); i++) {
                parameters.list().get(i).value().copyFrom(kept.get(i));
                kept.get(i).close();
            }
        }
    }

    long bytes() {
        return averages.values().stream().mapToLong(Tensor::bytes).sum();
    }

    @Override
    public void close() {
        averages.values().forEach(Tensor::close);
    }
}
