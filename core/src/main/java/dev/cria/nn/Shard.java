package dev.cria.nn;

/**
 * What of a training's memory each of several ranks holds a part of, instead of all.
 *
 * @see "Rajbhandari et al. 2020, ZeRO: stages 0, 1 and 2"
 */
public enum Shard {
    /** Nothing: every rank has all of it. */
    NONE,
    /** Masters and moments. */
    OPTIMIZER,
    /** Masters, moments and summed gradients. */
    GRADIENTS
}
