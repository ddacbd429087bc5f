package dev.cria.tokenizer;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;

/**
 * Lends encoders, whose caches are worth keeping, to any number of threads. (Not thread-local: a thousand virtual
 * threads would hold a thousand caches.)
 */
final class EncoderPool {
    private final AtomicReferenceArray<BpeEncoder> idle =
            new AtomicReferenceArray<>(4 * Runtime.getRuntime().availableProcessors());
    private final Supplier<BpeEncoder> maker;

    EncoderPool(Supplier<BpeEncoder> maker) {
        this.maker = maker;
    }

    /** An encoder for this thread alone, the one that it had last where nobody took that. */
    BpeEncoder take() {
        BpeEncoder encoder = idle.getAndSet(place(), null);
        return encoder == null ? maker.get() : encoder;
    }

    void giveBack(BpeEncoder encoder) {
        idle.set(place(), encoder);
    }

    private int place() {
        return (int) (Thread.currentThread().threadId() % idle.length());
    }
}
