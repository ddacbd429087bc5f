package dev.cria.generate;

import dev.cria.RequestException;

/**
 * How the next token is chosen: the logits are divided by the temperature, then cut to the {@code topK} likeliest,
 * then to the fewest of these that hold {@code topP} of their probability, as Hugging Face's generate orders it.
 *
 * @param temperature 0 takes the likeliest token always
 * @param topK 0 cuts nothing
 * @param topP 1 cuts nothing
 */
public record Sampling(double temperature, int topK, double topP) {
    private static final Sampling GREEDY = new Sampling(0, 0, 1);

    public Sampling {
        if (!(temperature >= 0) || Double.isInfinite(temperature)) {
            throw new RequestException(
                    "temperature is " + temperature + ", not a number from 0",
                    "0 is greedy, 1 leaves the model as it is");
        }
        if (topK < 0) {
            throw new RequestException("top_k is " + topK + ", not a count from 0", "0 keeps every token");
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new RequestException("top_p is " + topP + ", not above 0 and at most 1", "1 keeps every token");
        }
    }

    /** The likeliest token always; of equal ones the lowest id. */
    public static Sampling greedy() {
        return GREEDY;
    }

    boolean isGreedy() {
        return temperature == 0;
    }
}
