package dev.cria.parallel;

import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters;
import dev.cria.parallel.Buckets.Bucket;
import dev.cria.tensor.Tensor;
import dev.cria.tensor.library.Collectives.Pending;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sums gradients over the ranks while the backward still computes others. As soon as all parameters of a bucket have
 * their gradients, and all buckets before it are on their way, its sum begins. The cut and the order depend on the
 * model alone, so results do not depend on timing.
 *
 * @see "Li et al. 2020, PyTorch Distributed: Experiences on Accelerating Data Parallel Training"
 */
public final class GradientSync implements AutoCloseable {
    /** Large enough that a sum's fixed cost does not show, as PyTorch's 25 MB are. */
    private static final long MOST_BYTES = 25L << 20;

    private static final long LEAST_BYTES = 1 << 20;

    /** Of a small model: enough pieces that most of them travel during the backward. */
    private static final int PIECES = 8;

    private final Ranks ranks;
    private final List<Bucket> buckets;
    private final List<Tensor> views = new ArrayList<>();
    private final Map<Parameter, Integer> bucketOf = new IdentityHashMap<>();
    private final int[] unfinished;
    private final List<Pending> underWay = new ArrayList<>();

    /** Prepares for the gradients of these parameters, which must be trained. */
    public GradientSync(Parameters parameters, Ranks ranks) {
        this.ranks = ranks;
        Tensor gradients = parameters.gradients().orElseThrow();
        long bytes = Math.clamp(gradients.bytes() / PIECES, LEAST_BYTES, MOST_BYTES);
        long[] starts = parameters.gradientStarts();
        buckets = Buckets.cut(
                        starts, gradients.elements(), bytes / gradients.dtype().bytes())
                .inOrder();
        unfinished = new int[buckets.size()];
        for (int b = 0; b < buckets.size(); b++) {
            Bucket bucket = buckets.get(b);
            views.add(gradients.rows(bucket.start(), bucket.length()));
            for (Parameter p : parameters.list().subList(bucket.first(), bucket.first() + bucket.count())) {
                bucketOf.put(p, b);
            }
        }
        reset();
    }

    private void reset() {
        for (int b = 0; b < buckets.size(); b++) {
            unfinished[b] = buckets.get(b).count();
        }
    }

    /** A parameter's gradient on this rank will not change any more in this step. */
    public void finished(Parameter parameter) {
        Integer bucket = bucketOf.get(parameter);
        if (bucket == null || ranks.size() == 1) {
            return;
        }
        unfinished[bucket]--;
        while (underWay.size() < buckets.size() && unfinished[underWay.size()] == 0) {
            begin();
        }
    }

    private void begin() {
        underWay.add(ranks.beginSum(views.get(underWay.size())));
    }

    /** Returns when every gradient is the sum over all ranks; those that nothing has reached are summed too. */
    public void await() {
        while (underWay.size() < buckets.size()) {
            begin();
        }
        underWay.forEach(Pending::await);
        underWay.clear();
        reset();
    }

    @Override
    public void close() {
        views.forEach(Tensor::close);
    }
}
