package dev.cria.demo;

/**
 * What a stage takes.
 *
 * @param seconds of what has nothing to do with the speed of a training step, on a usual core
 * @param tokens that could be trained on in the rest of its time
 */
record Cost(double seconds, double tokens) {

    static Cost seconds(double seconds) {
        return new Cost(seconds, 0);
    }

    static Cost tokens(double tokens) {
        return new Cost(0, tokens);
    }

    Cost plus(Cost other) {
        return new Cost(seconds + other.seconds, tokens + other.tokens);
    }
}
