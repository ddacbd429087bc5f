package dev.cria;

/**
 * The work failed although the request was right: unreadable data, a lost rank, a full disk, a loss that is no number.
 * The command line prints {@code error: …} and {@code hint: …} and exits with 1.
 */
public final class WorkException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String error;
    private final String hint;

    /**
     * @param error what happened and where, with the file or step; lower case and without a full stop
     * @param hint what to do about it
     */
    public WorkException(String error, String hint) {
        super(error);
        this.error = error;
        this.hint = hint;
    }

    public WorkException(String error, String hint, Throwable cause) {
        super(error, cause);
        this.error = error;
        this.hint = hint;
    }

    public String error() {
        return error;
    }

    public String hint() {
        return hint;
    }
}
