package dev.cria.generate;

import dev.cria.generate.Scored.Likely;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The logarithms of probabilities, over the model's whole table of tokens, as benchmarks score. */
final class LogProbabilities {
    private static final Comparator<Likely> LEAST_FIRST = Comparator.comparingDouble(Likely::logprob)
            .thenComparing(Comparator.comparingInt(Likely::id).reversed());

    private LogProbabilities() {}

    /**
     * What the model thinks of a token.
     *
     * @param logits [vocab]
     * @param count of likeliest tokens
     */
    static Scored of(float[] logits, int id, int count) {
        double largest = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            largest = Math.max(largest, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - largest);
        }
        double whole = largest + Math.log(sum);
        return new Scored(id, logits[id] - whole, likeliest(logits, whole, count));
    }

    private static List<Likely> likeliest(float[] logits, double whole, int count) {
        PriorityQueue<Likely> best = new PriorityQueue<>(LEAST_FIRST);
        for (int id = 0; id < logits.length && count > 0; id++) {
            if (best.size() < count) {
                best.add(new Likely(id, logits[id] - whole));
            } else if (logits[id] - whole > best.element().logprob()) {
                best.remove();
                best.add(new Likely(id, logits[id] - whole));
            }
        }
        List<Likely> sorted = new ArrayList<>(best);
        sorted.sort(LEAST_FIRST.reversed());
        return sorted;
    }
}
