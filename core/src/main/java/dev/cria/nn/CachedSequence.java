package dev.cria.nn;

import dev.cria.tensor.AttentionShape;
import dev.cria.tensor.Tensor;

/**
 * One of several sequences of different lengths that a forward reads on with.
 *
 * @param shape of batch 1: the new queries, and the keys of all that was read
 * @param keys [1, keys, kvHeads·headDim]; values alike
 */
public record CachedSequence(AttentionShape shape, Tensor keys, Tensor values) {}
