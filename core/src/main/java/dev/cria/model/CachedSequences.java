package dev.cria.model;

import dev.cria.nn.CachedSequence;
import dev.cria.nn.Tape;
import dev.cria.nn.Value;
import dev.cria.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sequences of different lengths that one forward reads on with, each as many tokens as it likes: one where it writes,
 * many where it reads a prompt. A forward reads them as rows of one token.
 *
 * @param parts in the order of their tokens
 */
public record CachedSequences(List<Part> parts) implements Attention {

    /**
     * A sequence.
     *
     * @param cache of one row
     * @param tokens that are new
     */
    public record Part(KvCache cache, int tokens) {}

    public CachedSequences {
        parts = List.copyOf(parts);
    }

    /** The position of each token of the forward. */
    public int[] positions() {
        return parts.stream()
                .flatMapToInt(part -> {
                    int seen = part.cache.length();
                    return IntStream.range(seen, seen + part.tokens);
                })
                .toArray();
    }

    /** Says that a forward has gone through all layers. */
    public void advance() {
        parts.forEach(part -> part.cache.advance(part.tokens));
    }

    @Override
    public Value attend(Tape tape, Layer layer, Tokens tokens, Value q, Value k, Value v) {
        try (var scope = new Scope()) {
            List<CachedSequence> sequences = new ArrayList<>();
            long from = 0;
            for (Part part : parts) {
                var newKeys = scope.own(k.data().rows(from, part.tokens));
                var newValues = scope.own(v.data().rows(from, part.tokens));
                sequences.add(part.cache.append(scope, layer, newKeys, newValues));
                from += part.tokens;
            }
            return tape.cachedAttention(sequences, layer.window(), q);
        }
    }
}
