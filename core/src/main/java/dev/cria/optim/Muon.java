package dev.cria.optim;

import dev.cria.format.SafetensorsDirectory;
import dev.cria.format.TensorSource;
import dev.cria.nn.Parameter;
import dev.cria.nn.ParameterSpec;
import dev.cria.nn.ParameterSpec.Group;
import dev.cria.nn.ParameterSpec.Part;
import dev.cria.nn.Parameters;
import dev.cria.tensor.DType;
import dev.cria.tensor.Elementwise;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Momentum whose matrices are orthogonalised, for the matrices of the layers; AdamW for all else. With the gradient g of a
 * matrix w [out, in]: m = μ·m + (1 − μ)·g; u = μ·m + (1 − μ)·g; w −= rate · (decay · w + 0.2·√max(out, in) ·
 * {@link Orthogonal orthogonal}(u)). The factor gives updates the root mean square of AdamW's, so that its rates serve.
 *
 * <p>Matrices that are multiplied as one are orthogonalised apart.
 *
 * @see "Jordan et al. 2024, Muon; Liu et al. 2025, Muon is Scalable for LLM Training"
 */
final class Muon implements Optimizer {
    /** What the root mean square of AdamW's updates is about. */
    private static final double UPDATE_RMS = 0.2;

    private final Kernels kernels;
    private final Queue<Orthogonal> idle = new ConcurrentLinkedQueue<>();
    private final OptimizerSection settings;
    private final double adamwShare;
    private final List<Parameter> matrices;
    private final List<StoredTensor> momenta = new ArrayList<>();
    private final AdamW others;

    /** @param adamwShare AdamW's learning rate, as a multiple of the one that a step is given */
    Muon(Kernels kernels, Parameters parameters, OptimizerSection settings, double adamwShare) {
        this.kernels = kernels;
        this.settings = settings;
        this.adamwShare = adamwShare;
        this.matrices = parameters.list().stream()
                .filter(parameter -> moves(parameter.spec()))
                .toList();
        for (Parameter parameter : matrices) {
            momenta.add(StoredTensor.zeros(parameter, ".momentum"));
        }
        this.others = new AdamW(
                kernels,
                parameters.list().stream()
                        .filter(parameter -> !moves(parameter.spec()))
                        .toList(),
                settings);
    }

    private static boolean moves(ParameterSpec spec) {
        return spec.group() == Group.MATRICES;
    }

    static long plannedBytes(OptimizerSection settings, List<ParameterSpec> specs, DType master) {
        long moved = specs.stream()
                .filter(Muon::moves)
                .mapToLong(ParameterSpec::elements)
                .sum();
        List<ParameterSpec> left = specs.stream().filter(spec -> !moves(spec)).toList();
        return moved * master.bytes() + AdamW.plannedBytes(settings, left, master);
    }

    /** @param atOnce how many matrices are moved side by side */
    static long plannedScratch(List<ParameterSpec> specs, DType compute, DType master, int atOnce) {
        List<ParameterSpec> moved = specs.stream().filter(Muon::moves).toList();
        Set<List<Long>> shapes = moved.stream()
                .flatMap(spec -> spec.parts().stream())
                .map(Part::shape)
                .collect(Collectors.toSet());
        return Math.min(atOnce, moved.size()) * Orthogonal.plannedBytes(shapes, compute, master);
    }

    @Override
    public void step(double learningRate, double gradientScale) {
        kernels.runApart(matrices.size(), i -> {
            if (matrices.get(i).master().isPresent()) {
                move(matrices.get(i), momenta.get(i).here(), learningRate, gradientScale);
            }
        });
        others.step(learningRate * adamwShare, gradientScale);
    }

    private void move(Parameter parameter, Tensor momentum, double learningRate, double gradientScale) {
        Tensor master = parameter.master().orElseThrow();
        Tensor gradient = parameter.gradient().orElseThrow();
        Orthogonal orthogonal = Optional.ofNullable(idle.poll()).orElseGet(() -> new Orthogonal(kernels));
        try {
            double kept = 1 - learningRate * settings.weightDecay();
            long row = 0;
            for (Part part : parameter.spec().parts()) {
                long rows = part.shape().getFirst();
                try (Tensor g = gradient.rows(row, rows);
                        Tensor m = momentum.rows(row, rows);
                        Tensor w = master.rows(row, rows)) {
                    double size = UPDATE_RMS * Math.sqrt(Math.max(w.size(0), w.size(1)));
                    Tensor turned = orthogonal.of(m, parameter.value().dtype(), u -> direction(g, gradientScale, m, u));
                    kernels.run(new Elementwise.Axpby(-learningRate * size, turned, kept, w));
                }
                row += rows;
            }
        } finally {
            idle.add(orthogonal);
        }
        parameter.copy().ifPresent(copy -> copy.copyFrom(master));
    }

    /** Nesterov's momentum: u from the gradient g and the running mean m, which takes g in. */
    private void direction(Tensor g, double gradientScale, Tensor m, Tensor u) {
        double decay = settings.momentum();
        double share = (1 - decay) * gradientScale;
        kernels.run(new Elementwise.Axpby(share, g, decay, m));
        kernels.run(new Elementwise.Axpby(share, g, 0, u));
        kernels.run(new Elementwise.Axpby(decay, m, 1, u));
    }

    @Override
    public long steps() {
        return others.steps();
    }

    @Override
    public List<TensorSource> sources(UnaryOperator<Tensor> held) {
        return Stream.concat(momenta.stream().map(m -> m.source(held)), others.sources(held).stream())
                .toList();
    }

    @Override
    public void read(SafetensorsDirectory files, long stepsTaken) {
        momenta.forEach(m -> m.read(files));
        others.read(files, stepsTaken);
    }

    @Override
    public long bytes() {
        return others.bytes() + momenta.stream().mapToLong(StoredTensor::bytes).sum();
    }

    @Override
    public long scratchBytes() {
        return idle.stream().mapToLong(Orthogonal::bytes).sum();
    }

    @Override
    public void close() {
        momenta.forEach(StoredTensor::close);
        idle.forEach(Orthogonal::close);
        others.close();
    }
}
