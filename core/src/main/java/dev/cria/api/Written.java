package dev.cria.api;

import dev.cria.generate.Completion;

/**
 * A text that a model wrote.
 *
 * @param text without the prompt
 * @param tokens that it has
 */
public record Written(String text, int tokens, End end) {

    /** Why it ends. */
    public enum End {
        /** The model ended it. */
        END_TOKEN,
        /** It has as many tokens as were asked for, or as the model's positions hold. */
        LENGTH,
        CANCELLED
    }

    static Written of(String text, int tokens, Completion.Stop stop) {
        End end =
                switch (stop) {
                    case END_TOKEN -> End.END_TOKEN;
                    case LENGTH -> End.LENGTH;
                    case CANCELLED -> End.CANCELLED;
                };
        return new Written(text, tokens, end);
    }
}
