package dev.cria.api;

/**
 * The loss on texts that a training does not learn from.
 *
 * @param step before which it was measured
 * @param loss mean cross-entropy in nats a token
 */
public record Validation(long step, double loss) {}
