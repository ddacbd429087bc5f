package dev.cria;

/**
 * The request is wrong: an unknown key, a missing file, an impossible shape. The command line prints the two lines
 * {@code error: …} and {@code hint: …} and exits with 2.
 */
public final class RequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String error;
    private final String hint;

    /**
     * @param error what is wrong: the key as typed, the value found, the rule with its numbers worked out; lower case
     *     and without a full stop
     * @param hint what to do about it, best as something to paste
     */
    public RequestException(String error, String hint) {
        super(error);
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
