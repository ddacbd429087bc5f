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
import org.bytedeco.pytorch.BroadcastOptions;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.PrefixStore;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.nccl.ProcessGroupNCCL;
import org.jspecify.annotations.Nullable;

/**
 * Sums of tensors over the processes of a group, and exchanges of their parts: by Gloo for those on the CPU, by NCCL for
 * those on CUDA. Every process must ask for the same in the same order; a sum is then the same to the last bit on all of
 * them.
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

    /** A sum or an exchange under way. */
    @FunctionalInterface
    public interface Pending {
        /** Returns when the tensor holds what it is to hold. */
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
        return way(tensor.device()) == Way.NCCL ? begin(nccl(), tensor) : throughHost(tensor);
    }

    private Way way(Device device) {
        if (way == Way.UNKNOWN) {
            way = sharesDevice(device) ? Way.THROUGH_HOST : Way.NCCL;
        }
        return way;
    }

    /**
     * Begins to send each process its part of a tensor; neither tensor may be touched until that has been awaited.
     *
     * @param outgoing contiguous [elements]: the parts, those of process 0 first
     * @param counts elements of each part, by process
     * @param incoming contiguous [elements]: takes this process's part from each process, that of process 0 first
     * @param incomingCounts elements that come from each process
     */
    public Pending exchange(Tensor outgoing, long[] counts, Tensor incoming, long[] incomingCounts) {
        if (outgoing.device().isCpu()) {
            return begin(gloo, outgoing, counts, incoming, incomingCounts);
        }
        if (way(outgoing.device()) == Way.NCCL) {
            return begin(nccl(), outgoing, counts, incoming, incomingCounts);
        }
        Tensor from = outgoing.to(Device.CPU);
        Tensor to = Tensor.empty(incoming.dtype(), Device.CPU, incoming.shape());
        Pending exchange = begin(gloo, from, counts, to, incomingCounts);
        return () -> {
            try (from;
                    to) {
                exchange.await();
                incoming.copyFrom(to);
            }
        };
    }

    /**
     * Begins to replace a tensor on every process by that of one of them; it may not be touched until that has been
     * awaited.
     *
     * @param tensor contiguous
     */
    public Pending broadcast(Tensor tensor, int from) {
        if (tensor.device().isCpu()) {
            return begin(gloo, tensor, from);
        }
        if (way(tensor.device()) == Way.NCCL) {
            return begin(nccl(), tensor, from);
        }
        Tensor copy = tensor.to(Device.CPU);
        Pending broadcast = begin(gloo, copy, from);
        return () -> {
            try (copy) {
                broadcast.await();
                tensor.copyFrom(copy);
            }
        };
    }

    /** How tensors on CUDA travel: NCCL refuses two processes on one device. */
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

    private static Pending begin(Backend group, Tensor tensor) {
        return begin(() -> group.allreduce(new TensorVector(tensor.raw())));
    }

    private static Pending begin(Backend group, Tensor tensor, int from) {
        return begin(() -> {
            var options = new BroadcastOptions();
            options.rootRank(from);
            return group.broadcast(new TensorVector(tensor.raw()), options);
        });
    }

    private static Pending begin(
            Backend group, Tensor outgoing, long[] counts, Tensor incoming, long[] incomingCounts) {
        return begin(() -> group.alltoall_base(
                incoming.raw(), outgoing.raw(), new LongVector(incomingCounts), new LongVector(counts)));
    }

    private static Pending begin(Supplier<Work> start) {
        Work work = scoped(() -> {
            Work made = start.get();
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
