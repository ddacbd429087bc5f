package dev.cria.serve;

import dev.cria.generate.BatchLimits;
import dev.cria.generate.ContinuousBatch;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToIntFunction;

/**
 * The models in memory: loaded when asked for, and the one let go that nobody has asked for the longest. While one loads,
 * the others answer.
 */
final class Shelf implements AutoCloseable {
    private final Catalogue catalogue;
    private final Opened.Opener opener;
    private final int most;
    private final BatchSizes sizes;
    private final ReentrantLock turn = new ReentrantLock(true);
    private final Map<String, Slot> slots = new LinkedHashMap<>(16, 0.75f, true); // the one used longest ago first

    /** What a model's batch may take. */
    @FunctionalInterface
    interface BatchSizes {
        BatchLimits of(Opened model);
    }

    /** @param most models in memory at once */
    Shelf(Catalogue catalogue, Opened.Opener opener, int most, BatchSizes sizes) {
        this.catalogue = catalogue;
        this.opener = opener;
        this.most = most;
        this.sizes = sizes;
    }

    /** A model with what writes its answers. */
    private record Loaded(Opened opened, ContinuousBatch batch) implements AutoCloseable {
        @Override
        public void close() {
            batch.close();
            opened.model().close();
        }
    }

    /** The place of a model that is in memory or on its way there. */
    private static final class Slot {
        private final CompletableFuture<Loaded> model = new CompletableFuture<>();
        private int leases;

        Optional<Loaded> loaded() {
            return model.isDone() && !model.isCompletedExceptionally() ? Optional.of(model.join()) : Optional.empty();
        }
    }

    /** A model that stays as long as this is open. */
    final class Lease implements AutoCloseable {
        private final String id;
        private final Slot slot;
        private final Loaded loaded;

        private Lease(String id, Slot slot, Loaded loaded) {
            this.id = id;
            this.slot = slot;
            this.loaded = loaded;
        }

        String id() {
            return id;
        }

        Opened opened() {
            return loaded.opened;
        }

        ContinuousBatch batch() {
            return loaded.batch;
        }

        @Override
        public void close() {
            release(slot);
        }
    }

    /**
     * The model of a name, loaded if it is not.
     *
     * @throws ApiError if there is none, or all places are taken by models that are being asked
     */
    Lease lease(String id) {
        Catalogue.Entry entry = catalogue.find(id).orElseThrow(() -> ApiError.noModel(id));
        String key = Catalogue.key(entry);
        List<Loaded> gone = new ArrayList<>();
        Slot slot;
        boolean fresh;
        synchronized (this) {
            Slot known = slots.get(key);
            fresh = known == null;
            if (fresh) {
                makeRoom(gone);
            }
            slot = known == null ? new Slot() : known;
            slots.put(key, slot);
            slot.leases++;
        }
        gone.forEach(Loaded::close);
        if (fresh) {
            load(key, slot, entry);
        }
        try {
            return new Lease(id, slot, slot.model.join());
        } catch (CompletionException e) {
            release(slot);
            throw e.getCause() instanceof RuntimeException why ? why : e;
        }
    }

    private void makeRoom(List<Loaded> gone) {
        var oldestFirst = slots.values().iterator();
        while (slots.size() >= most && oldestFirst.hasNext()) {
            Slot slot = oldestFirst.next();
            if (slot.leases == 0) {
                oldestFirst.remove();
                slot.loaded().ifPresent(gone::add);
            }
        }
        if (slots.size() >= most) {
            throw ApiError.busy("All " + most + " models that fit are being asked. Try again soon.");
        }
    }

    private void load(String key, Slot slot, Catalogue.Entry entry) {
        try {
            Opened opened = opener.open(entry.directory(), entry.adapter());
            slot.model.complete(
                    new Loaded(opened, new ContinuousBatch(opened.model(), opened.kernels(), sizes.of(opened), turn)));
        } catch (RuntimeException | Error e) {
            synchronized (this) {
                slots.remove(key);
            }
            slot.model.completeExceptionally(e);
        }
    }

    private synchronized void release(Slot slot) {
        slot.leases--;
    }

    int count() {
        return loaded().size();
    }

    int running() {
        return sum(ContinuousBatch::running);
    }

    int waiting() {
        return sum(ContinuousBatch::waiting);
    }

    private int sum(ToIntFunction<ContinuousBatch> count) {
        return loaded().stream().mapToInt(one -> count.applyAsInt(one.batch)).sum();
    }

    private synchronized Collection<Loaded> loaded() {
        return slots.values().stream().flatMap(slot -> slot.loaded().stream()).toList();
    }

    Catalogue catalogue() {
        return catalogue;
    }

    /** Finishes what runs and frees all. */
    @Override
    public void close() {
        loaded().forEach(Loaded::close);
        synchronized (this) {
            slots.clear();
        }
    }
}
