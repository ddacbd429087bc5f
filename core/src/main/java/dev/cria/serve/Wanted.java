package dev.cria.serve;

import dev.cria.generate.Sampling;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What both interfaces ask of each completion.
 *
 * @param maxTokens as many as fit where it is empty
 * @param count completions of each prompt
 * @param usageInStream whether a stream ends with the counts of tokens
 */
record Wanted(
        String model,
        Optional<Integer> maxTokens,
        Sampling sampling,
        long seed,
        int count,
        List<String> stop,
        Map<Integer, Float> bias,
        boolean stream,
        boolean usageInStream) {
    static final int MOST_CHOICES = 128;
    static final Set<String> KEYS = Set.of(
            "model",
            "max_tokens",
            "temperature",
            "top_p",
            "top_k",
            "seed",
            "n",
            "stop",
            "logit_bias",
            "stream",
            "stream_options");

    private static final int MOST_TOKENS = 1 << 20;
    private static final int MOST_STOPS = 16;

    static Wanted of(Body body, Optional<Integer> maxTokens) {
        return new Wanted(
                body.text("model").orElseThrow(() -> ApiError.wrong("model", "'model' is missing.")),
                maxTokens,
                new Sampling(
                        body.number("temperature", 1, 0, 100),
                        body.whole("top_k", -1, MOST_TOKENS)
                                .map(k -> Math.max(0, k))
                                .orElse(0),
                        Math.max(1e-6, body.number("top_p", 1, 0, 1))),
                body.wholeLong("seed")
                        .orElseGet(() -> ThreadLocalRandom.current().nextLong()),
                body.whole("n", 1, MOST_CHOICES).orElse(1),
                body.texts("stop", MOST_STOPS),
                body.bias(),
                body.flag("stream"),
                body.within("stream_options", Set.of("include_usage")).flag("include_usage"));
    }

    static Optional<Integer> tokens(Body body, String key) {
        return body.whole(key, 0, MOST_TOKENS);
    }
}
