package dev.cria.data.filter;

import dev.cria.RequestException;

/** A document lacks what a filter looks at, so that it can be judged no more than a row that cannot be read. */
public final class UnjudgeableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final RequestException refusal;

    UnjudgeableException(RequestException refusal) {
        super(refusal.getMessage());
        this.refusal = refusal;
    }

    /** What to throw unless such documents are to be skipped. */
    public RequestException refusal() {
        return refusal;
    }
}
