package dev.cria.report;

/** What became of the damage that a restart did to the loss. */
sealed interface Healing {

    /** There was none. */
    record Unharmed() implements Healing {}

    /** It was gone so many steps after the restart. */
    record After(long steps) implements Healing {}

    /** It was not gone in the steps that follow, up to the next resume or the end. */
    record NotWithin(long steps) implements Healing {}
}
