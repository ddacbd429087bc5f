package dev.cria.data.prepare;

/** What to do with rows and files that cannot be read. */
public enum BadRows {
    /** Stop at the first. */
    REFUSE,
    /** Count them and go on. */
    SKIP
}
