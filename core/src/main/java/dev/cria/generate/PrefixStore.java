package dev.cria.generate;

import dev.cria.model.KvCache;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;

/**
 * Keys and values of texts that were read, for those that begin alike: a conversation's earlier turns, a prompt that is
 * asked again. The one that was used longest ago is dropped first.
 */
final class PrefixStore implements AutoCloseable {
    private final Deque<Kept> kept = new ArrayDeque<>(); // the newest first
    private long places;

    /** A text and what was read of it. */
    record Kept(int[] ids, KvCache cache) {
        int shared(int[] prompt, int most) {
            int count = Math.min(Math.min(ids.length, prompt.length), most);
            int at = Arrays.mismatch(ids, 0, count, prompt, 0, count);
            return at < 0 ? count : at;
        }
    }

    /** Tokens that there is room for in all of them. */
    long places() {
        return places;
    }

    /** Takes over the cache. One whose text another one begins with says nothing new. */
    void keep(int[] ids, KvCache cache) {
        for (Kept other : kept.stream()
                .filter(k -> k.shared(ids, ids.length) == k.ids.length)
                .toList()) {
            remove(other);
        }
        kept.addFirst(new Kept(ids, cache));
        places += cache.capacity();
    }

    /** What shares most of a prompt's first tokens, if any does. */
    Optional<Kept> longest(int[] prompt, int most) {
        Optional<Kept> best = Optional.empty();
        int shared = 0;
        for (Kept one : kept) {
            int count = one.shared(prompt, most);
            if (count > shared) {
                shared = count;
                best = Optional.of(one);
            }
        }
        best.ifPresent(one -> {
            kept.remove(one);
            kept.addFirst(one);
        });
        return best;
    }

    /** Drops the oldest; false where there is none. */
    boolean dropOldest() {
        if (kept.isEmpty()) {
            return false;
        }
        remove(kept.getLast());
        return true;
    }

    private void remove(Kept one) {
        kept.remove(one);
        places -= one.cache.capacity();
        one.cache.close();
    }

    @Override
    public void close() {
        while (dropOldest()) {}
    }
}
