package dev.cria.tokenizer;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;

/**
 * Lends encoders, whose caches are worth keeping, to any number of threads. (Not thread-local: a thousand virtual
 * threads would hold a thousand caches.)
 */
final class EncoderPool {
    private final AtomicReferenceArray<WordEncoder> idle =
            new AtomicReferenceArray<>(4 * Runtime.getRuntime().availableProcessors());
    private final Supplier<WordEncoder> maker;

    EncoderPool(Supplier<WordEncoder> maker) {
        this.maker = maker;
    }

    /** An encoder for this thread alone, the one that it had last where nobody took that. */
    WordEncoder take() {
        WordEncoder encoder = idle.getAndSet(place(), null);
        return encoder == null ? maker.get() : encoder;
    }

    void giveBack(WordEncoder encoder) {
        idle.set(place(), encoder);
    }

    private int place() {
        return (int) (Thread.currentThread().threadId() % idle.length());
    }
}
