package dev.cria.generate;

import dev.cria.RequestException;
import java.util.Set;

/**
 * What is asked of a {@link Generator}.
 *
 * @param maxNewTokens most tokens of a completion
 * @param count completions of the prompt, each with a random stream of its own
 * @param vocabulary ids from here on are never chosen: the tokenizer's size, where the model's table is padded
 * @param endTokens the tokens that end a completion; they are not part of it
 */
public record GenerateOptions(
        int maxNewTokens, Sampling sampling, long seed, int count, int vocabulary, Set<Integer> endTokens) {

    public GenerateOptions {
        endTokens = Set.copyOf(endTokens);
        if (maxNewTokens < 0) {
            throw new RequestException("max_new_tokens is " + maxNewTokens + ", not a count from 0", "32 is usual");
        }
        if (count < 1) {
            throw new RequestException("count is " + count + ", not a count from 1", "--count 1");
        }
        if (vocabulary < 1) {
            throw new RequestException("the vocabulary has " + vocabulary + " ids", "name another tokenizer");
        }
    }

    /** The same with another limit. */
    public GenerateOptions withLimit(int tokens) {
        return new GenerateOptions(tokens, sampling, seed, count, vocabulary, endTokens);
    }

    /** The same with another seed. */
    public GenerateOptions withSeed(long other) {
        return new GenerateOptions(maxNewTokens, sampling, other, count, vocabulary, endTokens);
    }
}
