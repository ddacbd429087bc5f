package dev.cria.model;

import dev.cria.tensor.Device;
import dev.cria.tensor.Scope;
import dev.cria.tensor.ShapeException;
import dev.cria.tensor.Tensor;
import java.util.Optional;

/**
 * What a model reads: rows of token ids of one length, one after the other.
 *
 * @param ids [batch·seq] int64
 * @param positions [batch·seq] int64, where each token stands
 * @param starts [batch, seq] int64, where rows hold several documents: the first position of each token's document
 */
public record Tokens(int batch, int seq, Tensor ids, Tensor positions, Optional<Tensor> starts) {

    public Tokens {
        if (ids.elements() != (long) batch * seq || positions.elements() != ids.elements()) {
            throw new ShapeException("ids " + ids + " are not " + batch + " rows of " + seq);
        }
    }

    /**
     * Rows that all begin at one position, of one document each.
     *
     * @param scope owns the tensors
     * @param firstPosition 0, or the number of tokens that a cache holds already
     */
    public static Tokens of(Scope scope, Device device, long[] ids, int batch, int firstPosition) {
        int seq = ids.length / batch;
        Tensor positions = positions(scope, device, batch, seq, firstPosition);
        return new Tokens(batch, seq, on(scope, device, ids), positions, Optional.empty());
    }

    /**
     * The next tokens of rows that have seen different numbers of tokens.
     *
     * @param firstPositions of each row
     */
    public static Tokens of(Scope scope, Device device, long[] ids, int[] firstPositions) {
        int batch = firstPositions.length;
        int seq = ids.length / batch;
        long[] positions = new long[ids.length];
        for (int i = 0; i < positions.length; i++) {
            positions[i] = firstPositions[i / seq] + i % seq;
        }
        return new Tokens(batch, seq, on(scope, device, ids), on(scope, device, positions), Optional.empty());
    }

    /** Whole rows whose ids are a tensor already. */
    public static Tokens of(Scope scope, Device device, Tensor ids, int batch, int seq) {
        return new Tokens(batch, seq, ids, positions(scope, device, batch, seq, 0), Optional.empty());
    }

    private static Tensor positions(Scope scope, Device device, int batch, int seq, int first) {
        long[] positions = new long[batch * seq];
        for (int i = 0; i < positions.length; i++) {
            positions[i] = first + i % seq;
        }
        return on(scope, device, positions);
    }

    private static Tensor on(Scope scope, Device device, long[] numbers) {
        Tensor host = scope.own(Tensor.of(numbers, numbers.length));
        return device.isCpu() ? host : scope.own(host.to(device));
    }
}
