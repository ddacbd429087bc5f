package dev.cria.train;

import java.util.Map;

/** Where the results of evaluations go: the run's own log, TensorBoard's files. */
interface Evaluations {

    void validation(long step, double loss);

    /** Metrics by name, by task. */
    void benchmarks(long step, Map<String, Map<String, Double>> results);

    void sample(long step, String prompt, long seed, String text);
}
