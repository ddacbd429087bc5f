package dev.cria.generate;

import dev.cria.model.CachedSequences;
import dev.cria.model.KvCache;
import dev.cria.model.LanguageModel;
import dev.cria.model.Tokens;
import dev.cria.nn.Tape;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads on in sequences of different lengths with one forward, and gives the logits of the tokens that are asked for. */
final class SequenceReader {
    private final LanguageModel model;
    private final Kernels kernels;

    SequenceReader(LanguageModel model, Kernels kernels) {
        this.model = model;
        this.kernels = kernels;
    }

    /**
     * The next tokens of a sequence.
     *
     * @param scored of how many of them, the last ones, the logits are wanted
     */
    record Piece(KvCache cache, int[] ids, int scored) {}

    KvCache cache(int capacity) {
        return new KvCache(
                model.config(), model.parameters().storage().compute(), model.device(), 1, Math.max(1, capacity));
    }

    /** The logits [scored][vocab] of each piece. */
    List<float[][]> read(List<Piece> pieces) {
        var sequences = new CachedSequences(pieces.stream()
                .map(p -> new CachedSequences.Part(p.cache, p.ids.length))
                .toList());
        long[] ids = pieces.stream()
                .flatMapToInt(p -> Arrays.stream(p.ids))
                .asLongStream()
                .toArray();
        try (var scope = new Scope();
                var tape = new Tape(kernels, Tape.Mode.INFERENCE)) {
            Tokens tokens = Tokens.of(scope, model.device(), ids, sequences.positions());
            Tensor hidden = model.hidden(tape, tokens, sequences).data(); // [tokens, hidden]
            sequences.advance();
            return logits(tape, scope, hidden, pieces);
        }
    }

    private List<float[][]> logits(Tape tape, Scope scope, Tensor hidden, List<Piece> pieces) {
        int count = pieces.stream().mapToInt(Piece::scored).sum();
        if (count == 0) {
            return pieces.stream().map(_ -> new float[0][]).toList();
        }
        Tensor scores = tape.logits(scoredRows(scope, hidden, pieces, count), model.output()); // [count, vocab]
        Tensor wide = scores;
        if (scores.dtype() != DType.FLOAT32 || !scores.device().isCpu()) {
            wide = scope.empty(DType.FLOAT32, Device.CPU, scores.shape());
            wide.copyFrom(scores);
        }
        int vocab = Math.toIntExact(wide.size(1));
        MemorySegment all = wide.segment();
        List<float[][]> logits = new ArrayList<>();
        long row = 0;
        for (Piece piece : pieces) {
            float[][] own = new float[piece.scored][vocab];
            for (float[] one : own) {
                MemorySegment.copy(all, ValueLayout.JAVA_FLOAT, row++ * vocab * Float.BYTES, one, 0, vocab);
            }
            logits.add(own);
        }
        return logits;
    }

    private static Tensor scoredRows(Scope scope, Tensor hidden, List<Piece> pieces, int count) {
        if (count == hidden.size(0)) {
            return hidden;
        }
        Tensor rows = scope.empty(hidden.dtype(), hidden.device(), count, hidden.size(1));
        long from = 0;
        long to = 0;
        for (Piece piece : pieces) {
            from += piece.ids.length;
            if (piece.scored > 0) {
                try (Tensor source = hidden.rows(from - piece.scored, piece.scored);
                        Tensor target = rows.rows(to, piece.scored)) {
                    target.copyFrom(source);
                }
                to += piece.scored;
            }
        }
        return rows;
    }
}
