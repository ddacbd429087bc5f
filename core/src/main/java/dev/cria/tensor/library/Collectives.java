package dev.cria.tensor.library;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.Backend;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.PrefixStore;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.nccl.ProcessGroupNCCL;
import org.jspecify.annotations.Nullable;

/**
 * Sums of tensors over the processes of a group: by Gloo for those on the CPU, by NCCL for those on CUDA. Every process
 * must ask for the same sums in the same order; the sum is then the same to the last bit on all of them.
 */
public final class Collectives implements AutoCloseable {
    /** A process may wait as long as another one evaluates; who is lost is found out otherwise. */
    private static final Milliseconds FOR_EVER = new Milliseconds(30L * 24 * 3600 * 1000);

    private final SharedStore store;
    private final int rank;
    private final int size;
    private final ProcessGroupGloo gloo;
    private @Nullable ProcessGroupNCCL nccl;
    private Way way = Way.UNKNOWN;

    private Collectives(SharedStore store, int rank, int size, ProcessGroupGloo gloo) {
        this.store = store;
        this.rank = rank;
        this.size = size;
        this.gloo = gloo;
    }

    /** The way to the other processes. */
    public sealed interface Network {
        /** The interface that has this address. */
        record Address(String hostname) implements Network {}

        /** The interface of this name, such as {@code eth0}. */
        record Interface(String name) implements Network {}
    }

    /** A sum under way. */
    @FunctionalInterface
    public interface Pending {
        /** Returns when the tensor holds the sum. */
        void await();
    }

    /** Joins the group; returns when all of its processes have. */
    public static Collectives join(SharedStore store, int rank, int size, Network network) {
        try (var _ = new PointerScope()) {
            var device =
                    switch (network) {
                        case Network.Address(var hostname) -> ProcessGroupGloo.createDeviceForHostname(hostname);
                        case Network.Interface(var name) -> ProcessGroupGloo.createDeviceForInterface(name);
                    };
            var options = ProcessGroupGloo.Options.create(FOR_EVER);
            options.devices(new GlooDeviceVector(device));
            var gloo = new ProcessGroupGloo(new PrefixStore("gloo", store.raw()), rank, size, options);
            gloo.retainReference();
            return new Collectives(store, rank, size, gloo);
        }
    }

    /**
     * Begins to replace a tensor on every process by its sum; it may not be touched until that has been awaited.
     *
     * @param tensor contiguous
     */
    public Pending sum(Tensor tensor) {
        if (tensor.device().isCpu()) {
            return begin(gloo, tensor);
        }
        if (way == Way.UNKNOWN) {
            way = sharesDevice(tensor.device()) ? Way.THROUGH_HOST : Way.NCCL;
        }
        return way == Way.NCCL ? begin(nccl(), tensor) : throughHost(tensor);
    }

    /** How sums of tensors on CUDA are formed: NCCL refuses two processes on one device. */
    private enum Way {
        UNKNOWN,
        NCCL,
        THROUGH_HOST
    }

    private Pending throughHost(Tensor tensor) {
        Tensor copy = tensor.to(Device.CPU);
        Pending sum = begin(gloo, copy);
        return () -> {
            try (copy) {
                sum.await();
                tensor.copyFrom(copy);
            }
        };
    }

    /** True on every process if any two of them compute on the same device of the same machine. */
    private boolean sharesDevice(Device device) {
        double[] place = {hostNumber(), device.index()};
        try (Tensor places = Tensor.zeros(DType.FLOAT64, Device.CPU, size, place.length)) {
            MemorySegment.copy(place, 0, places.segment(), JAVA_DOUBLE, (long) rank * Double.BYTES * 2, place.length);
            begin(gloo, places).await();
            double[] all = places.segment().toArray(JAVA_DOUBLE);
            return IntStream.range(0, size)
                            .mapToObj(r -> all[2 * r] + ":" + all[2 * r + 1])
                            .distinct()
                            .count()
                    < size;
        }
    }

    private static int hostNumber() {
        try {
            return InetAddress.getLocalHost().getHostName().hashCode();
        } catch (UnknownHostException _) {
            return 0;
        }
    }

    private Pending begin(Backend group, Tensor tensor) {
        Work work = scoped(() -> {
            Work made = group.allreduce(new TensorVector(tensor.raw()));
            made.retainReference();
            return made;
        });
        return () -> {
            try {
                work._wait();
            } finally {
                work.releaseReference();
            }
        };
    }

    private ProcessGroupNCCL nccl() {
        if (nccl == null) {
            nccl = scoped(() -> {
                var options = new ProcessGroupNCCL.Options();
                options.timeout(FOR_EVER);
                var made = new ProcessGroupNCCL(new PrefixStore("nccl", store.raw()), rank, size, options);
                made.retainReference();
                return made;
            });
        }
        return nccl;
    }

    private static <T> T scoped(Supplier<T> body) {
        try (var _ = new PointerScope()) {
            return body.get();
        }
    }

    @Override
    public void close() {
        List<Backend> groups = new ArrayList<>(List.of(gloo));
        if (nccl != null) {
            groups.add(nccl);
        }
        groups.forEach(Backend::releaseReference);
    }
}
