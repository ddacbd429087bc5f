package dev.cria.eval;

import dev.cria.Progress;
import java.util.List;

/** Whatever gives probabilities to tokens: a model, or something simpler in a test. */
public interface Scorer {

    /** Positions of the model; of a longer request, the left is cut. */
    int positions();

    /**
     * For each request the sum of the natural logarithms of its continuation's token probabilities, added in float64.
     * What is asked together changes an answer by rounding at most.
     */
    double[] logLikelihoods(List<Request> requests, Progress.Task progress);
}
