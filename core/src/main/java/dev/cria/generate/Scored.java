package dev.cria.generate;

import java.util.List;

/**
 * A token with what the model thought of it.
 *
 * @param logprob the natural logarithm of its probability by the model alone, before temperature and bias; NaN where
 *     nobody asked, or where nothing stands before it
 * @param likeliest the likeliest tokens of its place, the likeliest first; as many as asked for
 */
public record Scored(int id, double logprob, List<Likely> likeliest) {
    /** A token that could have stood there. */
    public record Likely(int id, double logprob) {}

    public Scored {
        likeliest = List.copyOf(likeliest);
    }

    static Scored unknown(int id) {
        return new Scored(id, Double.NaN, List.of());
    }
}
