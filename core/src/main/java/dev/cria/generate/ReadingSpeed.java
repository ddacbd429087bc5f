package dev.cria.generate;

import java.util.Locale;

/** Listens for how fast prompts are read and tokens written. */
public final class ReadingSpeed implements TokenListener {
    private long promptTokens;
    private long promptNanos;
    private long steps;
    private long chosenTokens;
    private long chosenNanos;

    @Override
    public Next accept(int row, int id) {
        return Next.CONTINUE;
    }

    @Override
    public void read(Reading what, int tokens, long nanos) {
        switch (what) {
            case PROMPT -> {
                promptTokens += tokens;
                promptNanos += nanos;
            }
            case CHOSEN -> {
                steps++;
                chosenTokens += tokens;
                chosenNanos += nanos;
            }
        }
    }

    /** Such as {@code prompt 8 tokens in 0.21 s (38 tok/s), then 63 tokens in 1.31 s (48.1 tok/s)}. */
    public String summary() {
        String prompt = String.format(
                Locale.ROOT,
                "prompt %,d tokens in %.2f s (%,.0f tok/s)",
                promptTokens,
                promptNanos / 1e9,
                promptTokens / (promptNanos / 1e9));
        return chosenTokens == 0
                ? prompt
                : prompt
                        + String.format(
                                Locale.ROOT,
                                ", then %,d tokens in %.2f s (%,.1f tok/s%s)",
                                chosenTokens,
                                chosenNanos / 1e9,
                                chosenTokens / (chosenNanos / 1e9),
                                chosenTokens == steps ? "" : ", %d rows at a time".formatted(chosenTokens / steps));
    }
}
