package dev.cria.format;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;

/** A tensor to be written: what it is, and a way to get its bytes when their turn comes. */
public record TensorSource(TensorEntry entry, Bytes bytes) {
    private static final Bytes ELSEWHERE = _ -> {
        throw new IllegalStateException("another process has this tensor");
    };

    /** Hands over a tensor's bytes, little-endian, in as many pieces as it likes. */
    @FunctionalInterface
    public interface Bytes {
        void writeTo(Sink sink) throws IOException;
    }

    /** Takes the next bytes of a tensor; the segment may be changed or freed as soon as the call returns. */
    @FunctionalInterface
    public interface Sink {
        void write(MemorySegment next) throws IOException;
    }

    /** A tensor that another process writes into the same file. */
    public static TensorSource elsewhere(String name, StorageType type, long[] shape) {
        return new TensorSource(new TensorEntry(name, type, shape), ELSEWHERE);
    }

    boolean isElsewhere() {
        return bytes == ELSEWHERE;
    }

    /** A tensor whose bytes lie in one segment, asked for only when they are written. */
    public static TensorSource of(String name, StorageType type, long[] shape, Supplier<MemorySegment> segment) {
        return new TensorSource(new TensorEntry(name, type, shape), sink -> sink.write(segment.get()));
    }

    /** A tensor whose bytes come in pieces. */
    public static TensorSource streamed(String name, StorageType type, long[] shape, Bytes bytes) {
        return new TensorSource(new TensorEntry(name, type, shape), bytes);
    }
}
