package dev.cria.tensor.library;

import dev.cria.WorkException;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.SizeTPointer;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.IntOptional;
import org.bytedeco.pytorch.PrefixStore;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.StringVector;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;

/**
 * A small key-value store shared by processes and hosted by one of them: libtorch's TCPStore, the one that torchrun uses. Nothing here waits for a name to appear, so that the threads of a process do not hold each other up.
 */
public final class SharedStore implements AutoCloseable {
    private final TCPStore server;
    private final Store store;

    private SharedStore(TCPStore server, Store store) {
        this.server = server;
        this.store = store;
    }

    /** Whether this process keeps the texts, or another one does. */
    public enum Keeper {
        THIS_PROCESS,
        ANOTHER
    }

    /**
     * Connects to a store, or opens one that listens at the host's address alone.
     *
     * @param prefix stands before every name, so that two uses of one store don't meet; may be empty
     * @param patience how long to try to reach the keeper
     */
    public static SharedStore open(String host, int port, Keeper keeper, String prefix, Duration patience) {
        Libtorch.ready();
        try (var _ = new PointerScope()) {
            TCPStoreOptions options = new TCPStoreOptions();
            options.port((short) port);
            options.isServer(keeper == Keeper.THIS_PROCESS);
            if (keeper == Keeper.THIS_PROCESS && ListeningSocket.isSupported()) {
                options.masterListenFd(new IntOptional(ListeningSocket.open(InetAddress.getByName(host), port)));
            }
            options.numWorkers(new SizeTPointer(1).put(1));
            options.waitWorkers(false);
            options.timeout(new Milliseconds(patience.toMillis()));
            TCPStore server = new TCPStore(host, options);
            Store store = prefix.isEmpty() ? server : new PrefixStore(prefix, server);
            server.retainReference();
            store.retainReference();
            return new SharedStore(server, store);
        } catch (RuntimeException | IOException e) {
            throw unreachable(host + ":" + port, keeper, patience, e);
        }
    }

    private static WorkException unreachable(String where, Keeper keeper, Duration patience, Exception e) {
        return switch (keeper) {
            case THIS_PROCESS ->
                new WorkException(
                        "rank 0 cannot listen at " + where + ": " + firstLine(e),
                        "set MASTER_PORT (or --master-port) to a free port, the same for all ranks",
                        e);
            case ANOTHER ->
                new WorkException(
                        "rank 0 does not answer at " + where + " within " + patience.toSeconds() + " s",
                        "check that MASTER_ADDR and MASTER_PORT name rank 0's machine, and that rank 0 was started",
                        e);
        };
    }

    /** libtorch puts a stack trace behind its messages. */
    static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
    }

    /** Sets a text that others will read. */
    public void set(String name, String text) {
        store.set(name, text);
    }

    /** Sets a text unless there is one already. */
    public void setIfAbsent(String name, String text) {
        if (get(name).isEmpty()) {
            store.compareSet(name, "", text);
        }
    }

    /** The text under a name, if somebody has set one. */
    public Optional<String> get(String name) {
        try (var _ = new PointerScope()) {
            return store.check(new StringVector(name)) ? Optional.of(store.get_to_str(name)) : Optional.empty();
        }
    }

    /** Adds to a count and returns it; adding 0 reads it. */
    public long add(String name, long amount) {
        return store.add(name, amount);
    }

    Store raw() {
        return store;
    }

    @Override
    public void close() {
        store.releaseReference();
        if (store != server) {
            server.releaseReference();
        }
    }
}
