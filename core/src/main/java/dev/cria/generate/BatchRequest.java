package dev.cria.generate;

import dev.cria.RequestException;
import java.util.Map;
import java.util.Set;

/**
 * What is asked of a {@link ContinuousBatch}: one completion of one prompt.
 *
 * @param prompt of one token or more
 * @param sample which of the seed's random streams; sample i is the i-th completion of {@link Generator}
 * @param vocabulary ids from here on are never chosen
 * @param endTokens end the completion, and are not part of it
 * @param bias added to the logits of ids before sampling
 * @param scores what is said of each token besides its id
 * @param likeliest how many of the likeliest tokens of each place are told
 */
public record BatchRequest(
        int[] prompt,
        int maxNewTokens,
        Sampling sampling,
        long seed,
        int sample,
        int vocabulary,
        Set<Integer> endTokens,
        Map<Integer, Float> bias,
        Scores scores,
        int likeliest) {

    /** Of which tokens the probabilities are told. */
    public enum Scores {
        NONE,
        CHOSEN,
        PROMPT_AND_CHOSEN
    }

    public BatchRequest {
        endTokens = Set.copyOf(endTokens);
        bias = Map.copyOf(bias);
        if (prompt.length == 0) {
            throw new RequestException("the prompt is empty", "give a prompt of one token or more");
        }
        if (maxNewTokens < 0) {
            throw new RequestException("max_tokens is " + maxNewTokens + ", not a count from 0", "32 is usual");
        }
    }

    /** Keys and values that must have room: the last token that is chosen is never read. */
    int places() {
        return prompt.length + Math.max(0, maxNewTokens - 1);
    }
}
