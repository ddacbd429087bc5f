package dev.cria.parallel;

import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters;
import dev.cria.parallel.Buckets.Bucket;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Which buckets a backward is done with. They are told in their order, so that all ranks send them alike: the cut and the
 * order depend on the model alone, and results do not depend on timing.
 */
final class BucketProgress {
    /** Large enough that a sum's fixed cost does not show, as PyTorch's 25 MB are. */
    static final long MOST_BYTES = 25L << 20;

    private static final long LEAST_BYTES = 1 << 20;

    /** Of a small model: enough pieces that most of them travel during the backward. */
    private static final int PIECES = 8;

    private final List<Bucket> buckets;
    private final Map<Parameter, Integer> bucketOf = new IdentityHashMap<>();
    private final int[] unfinished;
    private int told;

    BucketProgress(Parameters parameters) {
        int each = parameters.storage().gradient().orElseThrow().bytes();
        long elements = parameters.gradientElements();
        long bytes = Math.clamp(elements * each / PIECES, LEAST_BYTES, MOST_BYTES);
        buckets =
                Buckets.cut(parameters.gradientStarts(), elements, bytes / each).inOrder();
        unfinished = new int[buckets.size()];
        for (int b = 0; b < buckets.size(); b++) {
            Bucket bucket = buckets.get(b);
            for (Parameter p : parameters.list().subList(bucket.first(), bucket.first() + bucket.count())) {
                bucketOf.put(p, b);
            }
        }
        reset();
    }

    List<Bucket> buckets() {
        return buckets;
    }

    /** Begins a backward. */
    void reset() {
        told = 0;
        for (int b = 0; b < unfinished.length; b++) {
            unfinished[b] = buckets.get(b).count();
        }
    }

    /** A parameter's gradient will not change any more. */
    void finished(Parameter parameter, Consumer<Bucket> ready) {
        Integer bucket = bucketOf.get(parameter);
        if (bucket == null) {
            return;
        }
        unfinished[bucket]--;
        while (told < buckets.size() && unfinished[told] == 0) {
            ready.accept(buckets.get(told++));
        }
    }

    /** None of the gradients will change any more. */
    void finishedAll(Consumer<Bucket> ready) {
        while (told < buckets.size()) {
            ready.accept(buckets.get(told++));
        }
    }
}
