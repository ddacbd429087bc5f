package dev.cria.parallel;

import dev.cria.nn.Parameter;
import dev.cria.nn.Parameters;
import dev.cria.nn.Shard;
import dev.cria.nn.Sharing;
import dev.cria.parallel.Buckets.Bucket;
import dev.cria.parallel.OwnedPieces.Piece;
import dev.cria.parallel.PartialSums.Order;
import dev.cria.tensor.DType;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import dev.cria.tensor.library.Collectives.Pending;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Sums each gradient for the rank alone that moves the parameter: it gets the gradient of every rank and adds them up, in the
 * order of {@link PartialSums}' tree.
 *
 * <p>Where masters and moments are shared, a rank sums its own micro-batches before that, in the memory that all gradients
 * have. Where gradients are shared too, they are sent after each micro-batch and their memory is freed: the ranks are at
 * micro-batches that follow each other, so the lower levels of the tree lie across the ranks and the upper ones in time.
 */
final class OwnedSums implements GradientSync {
    /** Exchanges at one time: one travels while another is added up. */
    static final int MOST_UNDER_WAY = 3;

    private final Parameters parameters;
    private final Ranks ranks;
    private final Kernels kernels;
    private final Order order;
    private final Sharing sharing;
    private final DType type;
    private final Optional<Tensor> gradients;
    private final BucketProgress progress;
    private final Map<Bucket, List<Piece>> pieces = new HashMap<>();
    private final int[] owners;
    private final PartialSums earlier;
    private final Map<Piece, PartialSums> earlierOwned = new HashMap<>();
    private final Map<Parameter, Tensor> sums = new HashMap<>();
    private final Deque<Runnable> underWay = new ArrayDeque<>();

    OwnedSums(Parameters parameters, Ranks ranks, Kernels kernels, Order order) {
        this.parameters = parameters;
        this.ranks = ranks;
        this.kernels = kernels;
        this.order = order;
        this.sharing = parameters.storage().sharing();
        this.type = parameters.storage().gradient().orElseThrow();
        this.gradients = parameters.gradients();
        this.progress = new BucketProgress(parameters);
        this.earlier = new PartialSums(kernels, order);
        this.owners =
                sharing.owners(parameters.list().stream().map(Parameter::spec).toList());
        long most = OwnedPieces.mostBytes(ranks.size()) / type.bytes();
        for (Bucket bucket : progress.buckets()) {
            pieces.put(bucket, OwnedPieces.of(bucket, parameters.list(), owners, most));
        }
    }

    private boolean sendsEach() {
        return sharing.shard() == Shard.GRADIENTS;
    }

    @Override
    public Consumer<Parameter> during(int microBatch, int microBatches) {
        boolean last = microBatch == microBatches - 1;
        return last || sendsEach() ? parameter -> progress.finished(parameter, bucket -> begin(bucket, last)) : _ -> {};
    }

    @Override
    public void after(int microBatch, int microBatches) {
        boolean last = microBatch == microBatches - 1;
        if (last || sendsEach()) {
            progress.finishedAll(bucket -> begin(bucket, last));
            progress.reset();
        }
        if (sendsEach()) {
            completeAll();
        } else if (!last) {
            earlier.push(parameters.gradients().orElseThrow());
            parameters.clearGradients();
        }
    }

    private void begin(Bucket bucket, boolean last) {
        gradients.ifPresent(all -> {
            try (Tensor part = all.rows(bucket.start(), bucket.length())) {
                earlier.addTo(part, bucket.start());
            }
        });
        for (Piece piece : pieces.getOrDefault(bucket, List.of())) {
            while (underWay.size() >= MOST_UNDER_WAY) {
                underWay.removeFirst().run();
            }
            underWay.addLast(begin(piece, last));
        }
        parameters
                .list()
                .subList(bucket.first(), bucket.first() + bucket.count())
                .forEach(Parameter::dropGradient);
    }

    private Runnable begin(Piece piece, boolean last) {
        var device = parameters.list().getFirst().value().device();
        long[] counts = piece.counts(ranks.size());
        long own = counts[ranks.rank()];
        long[] same = new long[ranks.size()];
        Arrays.fill(same, own);
        Tensor outgoing = Tensor.empty(type, device, Arrays.stream(counts).sum());
        piece.pack(parameters.list(), outgoing);
        Tensor parts = Tensor.empty(type, device, own * ranks.size());
        Pending exchange = ranks.beginExchange(outgoing, counts, parts, same);
        return () -> {
            try (outgoing;
                    parts) {
                exchange.await();
                if (own > 0) {
                    PartialSums.sum(kernels, parts, ranks.size());
                    keep(piece, parts, own, last);
                }
            }
        };
    }

    /** The sum over the ranks, in the first part, is this micro-batch's or already that of all. */
    private void keep(Piece piece, Tensor parts, long own, boolean last) {
        try (Tensor sum = parts.rows(0, own)) {
            if (!sendsEach()) {
                piece.unpack(
                        sum,
                        ranks.rank(),
                        i -> parameters.list().get(i).gradient().orElseThrow());
                return;
            }
            PartialSums before = earlierOwned.computeIfAbsent(piece, _ -> new PartialSums(kernels, order));
            if (last) {
                before.addTo(sum, 0);
                before.clear();
                piece.unpack(sum, ranks.rank(), this::sumOf);
            } else {
                before.push(sum);
            }
        }
    }

    private Tensor sumOf(int parameter) {
        Parameter owned = parameters.list().get(parameter);
        return sums.computeIfAbsent(
                owned, p -> Tensor.empty(type, p.value().device(), p.value().shape()));
    }

    private void completeAll() {
        while (!underWay.isEmpty()) {
            underWay.removeFirst().run();
        }
    }

    @Override
    public void await() {
        completeAll();
        earlier.clear();
        sums.forEach(Parameter::giveGradient);
        sums.clear();
    }

    /** By parameter, each by its owner, added in the parameters' order. */
    @Override
    public double sumOfSquares() {
        double[] own = new double[owners.length];
        for (int i = 0; i < owners.length; i++) {
            if (owners[i] == ranks.rank()) {
                own[i] =
                        kernels.sumOfSquares(parameters.list().get(i).gradient().orElseThrow());
            }
        }
        double[][] all = ranks.gather(own);
        double sum = 0;
        for (int i = 0; i < owners.length; i++) {
            sum += all[owners[i]][i];
        }
        return sum;
    }

    @Override
    public long bytes() {
        return earlier.bytes()
                + earlierOwned.values().stream().mapToLong(PartialSums::bytes).sum();
    }

    @Override
    public void close() {
        earlier.close();
        earlierOwned.values().forEach(PartialSums::close);
    }
}
