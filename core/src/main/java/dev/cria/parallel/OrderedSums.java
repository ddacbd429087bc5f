package dev.cria.parallel;

import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters;
import dev.cria.parallel.Buckets.Bucket;
import dev.cria.parallel.PartialSums.Order;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import dev.cria.tensor.library.Collectives.Pending;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * Sums gradients in the order of {@link PartialSums}' tree over a step's micro-batches. A rank's own micro-batches are a
 * branch of it and are summed by the rank; then each rank gets its part of every rank's sum of a bucket, adds the parts in
 * the tree's order and sends the result to all. No library adds: its order would follow from the number of ranks.
 */
final class OrderedSums implements GradientSync {
    /** Exchanges at one time: one travels while another is added up. */
    static final int MOST_UNDER_WAY = 3;

    private final Parameters parameters;
    private final Ranks ranks;
    private final Kernels kernels;
    private final Tensor gradients;
    private final BucketProgress progress;
    private final PartialSums earlier;
    private final Deque<Runnable> underWay = new ArrayDeque<>();

    OrderedSums(Parameters parameters, Ranks ranks, Kernels kernels) {
        this.parameters = parameters;
        this.ranks = ranks;
        this.kernels = kernels;
        this.gradients = parameters.gradients().orElseThrow();
        this.progress = new BucketProgress(parameters);
        this.earlier = new PartialSums(kernels, Order.TREE);
    }

    @Override
    public Consumer<Parameter> during(int microBatch, int microBatches) {
        boolean last = microBatch == microBatches - 1;
        return last ? parameter -> progress.finished(parameter, this::begin) : _ -> {};
    }

    @Override
    public void after(int microBatch, int microBatches) {
        parameters.gradients(); // Zeroes those that no operation has reached.
        if (microBatch < microBatches - 1) {
            earlier.push(gradients);
            parameters.clearGradients();
        }
    }

    private void begin(Bucket bucket) {
        long most = BucketProgress.MOST_BYTES / gradients.dtype().bytes();
        for (long at = 0; at < bucket.length(); at += most) {
            long start = bucket.start() + at;
            Tensor piece = gradients.rows(start, Math.min(most, bucket.length() - at));
            earlier.addTo(piece, start);
            if (ranks.size() == 1) {
                piece.close();
            } else {
                add(beginParts(piece));
            }
        }
    }

    private void add(Runnable completion) {
        while (underWay.size() >= MOST_UNDER_WAY) {
            underWay.removeFirst().run();
        }
        underWay.addLast(completion);
    }

    /** Each rank gets its part of this piece from every rank. */
    private Runnable beginParts(Tensor piece) {
        long[] counts = counts(piece.elements());
        long own = counts[ranks.rank()];
        long[] same = new long[ranks.size()];
        Arrays.fill(same, own);
        Tensor parts = Tensor.empty(piece.dtype(), piece.device(), own * ranks.size());
        Pending exchange = ranks.beginExchange(piece, counts, parts, same);
        return () -> {
            exchange.await();
            PartialSums.sum(kernels, parts, ranks.size());
            repeatFirst(parts, own);
            Pending back = ranks.beginExchange(parts, same, piece, counts);
            underWay.addLast(() -> {
                back.await();
                parts.close();
                piece.close();
            });
        };
    }

    private void repeatFirst(Tensor parts, long own) {
        try (Tensor sum = parts.rows(0, own)) {
            for (int r = 1; r < ranks.size(); r++) {
                try (Tensor copy = parts.rows(r * own, own)) {
                    copy.copyFrom(sum);
                }
            }
        }
    }

    private long[] counts(long elements) {
        long each = Math.ceilDiv(elements, ranks.size());
        long[] counts = new long[ranks.size()];
        for (int r = 0; r < counts.length; r++) {
            counts[r] = Math.clamp(elements - r * each, 0, each);
        }
        return counts;
    }

    @Override
    public void await() {
        progress.finishedAll(this::begin);
        while (!underWay.isEmpty()) {
            underWay.removeFirst().run();
        }
        progress.reset();
        earlier.clear();
    }

    /** By parameter, so that ranks that have some of them each can agree. */
    @Override
    public double sumOfSquares() {
        double sum = 0;
        for (Parameter parameter : parameters.list()) {
            sum += kernels.sumOfSquares(parameter.gradient().orElseThrow());
        }
        return sum;
    }

    @Override
    public long bytes() {
        return earlier.bytes();
    }

    @Override
    public void close() {
        earlier.close();
    }
}
