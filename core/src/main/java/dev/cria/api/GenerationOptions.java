package dev.cria.api;

import dev.cria.generate.Sampling;

/** How a model writes. Immutable: each method returns options that differ in one thing. */
public final class GenerationOptions {
    private static final GenerationOptions DEFAULTS =
            new GenerationOptions(64, new Sampling(1, 0, 1), 1337, new Cancellation());

    private final int maxNewTokens;
    private final Sampling sampling;
    private final long seed;
    private final Cancellation cancellation;

    private GenerationOptions(int maxNewTokens, Sampling sampling, long seed, Cancellation cancellation) {
        this.maxNewTokens = maxNewTokens;
        this.sampling = sampling;
        this.seed = seed;
        this.cancellation = cancellation;
    }

    /** 64 tokens at a temperature of 1, with seed 1337. */
    public static GenerationOptions defaults() {
        return DEFAULTS;
    }

    /** @param tokens most of a text; 0 or more */
    public GenerationOptions maxNewTokens(int tokens) {
        return new GenerationOptions(tokens, sampling, seed, cancellation);
    }

    /**
     * @param value 0 takes the likeliest token always
     * @throws dev.cria.RequestException if it is negative or no number
     */
    public GenerationOptions temperature(double value) {
        return with(new Sampling(value, sampling.topK(), sampling.topP()));
    }

    /** @param count of the likeliest tokens that are drawn from; 0 draws from all */
    public GenerationOptions topK(int count) {
        return with(new Sampling(sampling.temperature(), count, sampling.topP()));
    }

    /** @param probability that the fewest likeliest tokens reach which are drawn from; above 0, and 1 draws from all */
    public GenerationOptions topP(double probability) {
        return with(new Sampling(sampling.temperature(), sampling.topK(), probability));
    }

    /** @param number the same one gives the same text */
    public GenerationOptions seed(long number) {
        return new GenerationOptions(maxNewTokens, sampling, number, cancellation);
    }

    /** @param by ends the text where it is when it is cancelled */
    public GenerationOptions cancelledBy(Cancellation by) {
        return new GenerationOptions(maxNewTokens, sampling, seed, by);
    }

    private GenerationOptions with(Sampling other) {
        return new GenerationOptions(maxNewTokens, other, seed, cancellation);
    }

    int maxNewTokens() {
        return maxNewTokens;
    }

    Sampling sampling() {
        return sampling;
    }

    long seed() {
        return seed;
    }

    Cancellation cancellation() {
        return cancellation;
    }
}
