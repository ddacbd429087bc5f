package dev.cria.nn;

import dev.cria.tensor.AttentionShape;
import dev.cria.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** What a query sees when it sees its last few positions only: a start for each, as documents have one. */
final class SlidingWindow {
    private SlidingWindow() {}

    /**
     * The first position that each position sees, [batch, keys] int64: of the last {@code window}, itself included, those
     * within its document. The tape owns it where it is new.
     *
     * @param documents [batch, keys] int64, the first position of each document, if rows hold several
     */
    static Optional<Tensor> starts(
            Tape tape, AttentionShape shape, int window, Tensor like, Optional<Tensor> documents) {
        if (window >= shape.keys()) {
            return documents;
        }
        long[] starts = new long[shape.batch() * shape.keys()];
        documents.ifPresent(tensor -> tensor.copyTo(MemorySegment.ofArray(starts)));
        for (int i = 0; i < starts.length; i++) {
            starts[i] = Math.max(starts[i], i % shape.keys() - window + 1L);
        }
        Tensor host = tape.keep(Tensor.of(starts, shape.batch(), shape.keys()));
        return Optional.of(like.device().isCpu() ? host : tape.keep(host.to(like.device())));
    }
}
