package dev.cria.parallel;

import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters;
import dev.cria.parallel.Buckets.Bucket;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import dev.cria.tensor.library.Collectives.Pending;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Sums gradients over the ranks while the backward of the last micro-batch still computes others. As soon as all
 * parameters of a bucket have their gradients, and all buckets before it are on their way, its sum begins.
 *
 * @see "Li et al. 2020, PyTorch Distributed: Experiences on Accelerating Data Parallel Training"
 */
final class OverlappedSums implements GradientSync {
    private final Parameters parameters;
    private final Ranks ranks;
    private final Kernels kernels;
    private final Tensor gradients;
    private final BucketProgress progress;
    private final List<Sum> underWay = new ArrayList<>();

    private record Sum(Tensor view, Pending pending) {}

    OverlappedSums(Parameters parameters, Ranks ranks, Kernels kernels) {
        this.parameters = parameters;
        this.ranks = ranks;
        this.kernels = kernels;
        this.gradients = parameters.gradients().orElseThrow();
        this.progress = new BucketProgress(parameters);
    }

    @Override
    public Consumer<Parameter> during(int microBatch, int microBatches) {
        boolean last = microBatch == microBatches - 1;
        return last && ranks.size() > 1 ? parameter -> progress.finished(parameter, this::begin) : _ -> {};
    }

    @Override
    public void after(int microBatch, int microBatches) {}

    private void begin(Bucket bucket) {
        Tensor view = gradients.rows(bucket.start(), bucket.length());
        underWay.add(new Sum(view, ranks.beginSum(view)));
    }

    @Override
    public void await() {
        parameters.gradients(); // Zeroes those that no operation has reached.
        if (ranks.size() > 1) {
            progress.finishedAll(this::begin);
        }
        for (Sum sum : underWay) {
            sum.pending().await();
            sum.view().close();
        }
        underWay.clear();
        progress.reset();
    }

    @Override
    public double sumOfSquares() {
        return kernels.sumOfSquares(gradients);
    }

    @Override
    public long bytes() {
        return 0;
    }

    @Override
    public void close() {}
}
