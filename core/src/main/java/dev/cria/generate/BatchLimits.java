package dev.cria.generate;

/**
 * What a {@link ContinuousBatch} may take.
 *
 * @param rows completions that are written side by side
 * @param waiting completions that wait for a row; more are turned away
 * @param places tokens whose keys and values are kept, of those that are written and of read prompts together
 * @param tokensPerStep most tokens of one forward: a long prompt is read in parts, between which the others write on
 */
public record BatchLimits(int rows, int waiting, long places, int tokensPerStep) {
    public BatchLimits {
        if (rows < 1 || waiting < 0 || places < 1 || tokensPerStep < 1) {
            throw new IllegalArgumentException(
                    "no batch has " + rows + " rows, " + waiting + " waiting and " + places + " places");
        }
    }
}
