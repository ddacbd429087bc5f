package dev.cria;

import java.io.Serializable;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The request is wrong: an unknown key, a missing file, an impossible shape. The command line prints the two lines
 * {@code error: …} and {@code hint: …} and exits with 2.
 */
public final class RequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What is wrong, and what to do about it. */
    public record Problem(String error, String hint) implements Serializable {}

    /** Travels too: a task of a cluster tells its driver. */
    @SuppressWarnings("serial")
    private final List<Problem> problems;

    /**
     * @param error what is wrong: the key as typed, the value found, the rule with its numbers worked out; lower case
     *     and without a full stop
     * @param hint what to do about it, best as something to paste
     */
    public RequestException(String error, String hint) {
        this(List.of(new Problem(error, hint)));
    }

    /** Several problems of one request, told together. */
    public RequestException(List<Problem> problems) {
        super(problems.stream().map(Problem::error).collect(Collectors.joining("\nerror: ")));
        this.problems = List.copyOf(problems);
    }

    public List<Problem> problems() {
        return problems;
    }

    /** What is wrong; where that is several things, each further one begins a line of its own with {@code error:}. */
    public String error() {
        return String.valueOf(getMessage());
    }

    /** What to do: one line to paste where all hints are settings, else the first problem's hint. */
    public String hint() {
        boolean settings = problems.stream().allMatch(p -> p.hint().startsWith("--set "));
        return settings
                ? problems.stream().map(Problem::hint).distinct().collect(Collectors.joining(" "))
                : problems.getFirst().hint();
    }
}
