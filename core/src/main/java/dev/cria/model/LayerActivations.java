package dev.cria.model;

/**
 * Numbers that a layer keeps for each row of the batch.
 *
 * @param activations in the type that is computed with
 * @param statistics in its accumulation type: scales of norms, and each head's log-sum-exp
 * @param gradients of activations that exist together where a layer's backward needs most
 */
public record LayerActivations(long activations, long statistics, long gradients) {}
