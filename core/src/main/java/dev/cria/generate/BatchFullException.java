package dev.cria.generate;

/** As many wait as may. */
public final class BatchFullException extends RuntimeException {
    private static final long serialVersionUID = 1;

    BatchFullException(int waiting) {
        super(waiting + " completions wait already");
    }
}
