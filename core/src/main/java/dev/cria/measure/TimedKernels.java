package dev.cria.measure;

import dev.cria.tensor.Call;
import dev.cria.tensor.Call.Kind;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.HeadLoss;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.MatrixProduct;
import dev.cria.tensor.Product;
import dev.cria.tensor.Product.Form;
import dev.cria.tensor.Tensor;
import dev.cria.tensor.Work;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/**
 * Other kernels with a clock around each call, which says in which kind of operation a step spends its time and how much
 * {@link Work} that was. The clock stands still until {@link #watch()} and after {@link #rest()}; between them each call
 * is waited for on a device that computes on its own time, so that a step takes somewhat longer there than unwatched,
 * and pieces that could run side by side run one after another.
 */
public final class TimedKernels implements Kernels, AutoCloseable {
    private final Kernels kernels;
    private final Optional<Tensor> probe;
    private final Map<Kind, Spent> kinds = new EnumMap<>(Kind.class);
    private final Map<Product, Spent> products = new LinkedHashMap<>();
    private boolean watching;

    /** The calls of some kind together. */
    public record Spent(double seconds, Work work) {
        private static final Spent NOTHING = new Spent(0, Work.NONE);

        Spent plus(Spent other) {
            return new Spent(seconds + other.seconds, work.plus(other.work));
        }
    }

    public TimedKernels(Kernels kernels, Device device) {
        this.kernels = kernels;
        this.probe = device.isCpu() ? Optional.empty() : Optional.of(Tensor.zeros(DType.FLOAT32, device, 1));
    }

    /** Starts the clocks, from zero. */
    public void watch() {
        kinds.clear();
        products.clear();
        watching = true;
    }

    /** Stops the clocks; what they show stays. */
    public void rest() {
        watching = false;
    }

    /** What each kind of operation took since {@link #watch()}, in the order of the kinds; none where there was no call. */
    public Map<Kind, Spent> kinds() {
        return new EnumMap<>(kinds);
    }

    /**
     * What each matrix product took since {@link #watch()}, in the order of their first calls. The head's three have
     * no time of their own, for they are part of one call.
     */
    public Map<Product, Spent> products() {
        return new LinkedHashMap<>(products);
    }

    @Override
    public String name() {
        return kernels.name();
    }

    @Override
    public void run(Call call) {
        long begun = System.nanoTime();
        kernels.run(call);
        if (!watching) {
            return;
        }
        var spent = new Spent(secondsSince(begun), call.work());
        kinds.merge(call.kind(), spent, Spent::plus);
        switch (call) {
            case MatrixProduct.Quantized _, MatrixProduct.Symmetric _ -> {}
            case MatrixProduct product -> products.merge(product.sizes(), spent, Spent::plus);
            case HeadLoss head ->
                headProducts(head.x(), head.w()).forEach(product -> products.putIfAbsent(product, Spent.NOTHING));
            default -> {}
        }
    }

    @Override
    public void runApart(int pieces, IntConsumer piece) {
        if (watching) {
            Kernels.super.runApart(pieces, piece);
        } else {
            kernels.runApart(pieces, piece);
        }
    }

    @Override
    public double sumOfSquares(Tensor x) {
        long begun = System.nanoTime();
        double result = kernels.sumOfSquares(x);
        if (watching) {
            var work = Work.moving(2.0 * x.elements(), x);
            kinds.merge(Kind.OPTIMIZER, new Spent(secondsSince(begun), work), Spent::plus);
        }
        return result;
    }

    private double secondsSince(long begun) {
        probe.ifPresent(Tensor::toFloats); // The device's queue is in order: what was asked for before is done then.
        return (System.nanoTime() - begun) / 1e9;
    }

    /** The head's products, on as many rows as {@link Kernels#headBytes} lets be computed at one time. */
    private static List<Product> headProducts(Tensor x, Tensor w) {
        long vocab = w.size(0);
        long most = Math.max(1, Kernels.headBytes(x.device()) / (x.dtype().bytes() * vocab));
        long chunks = Math.ceilDiv(x.size(0), most);
        long rows = Math.ceilDiv(x.size(0), chunks);
        return Stream.of(Form.values())
                .map(form -> new Product(form, rows, w.size(1), vocab))
                .toList();
    }

    @Override
    public void close() {
        probe.ifPresent(Tensor::close);
    }
}
