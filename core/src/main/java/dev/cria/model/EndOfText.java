package dev.cria.model;

import dev.cria.tokenizer.Tokenizer;
import java.util.Optional;
import java.util.OptionalInt;

/** Where a model's texts end: its configuration names an id, and its tokenizer has one. */
public final class EndOfText {
    private EndOfText() {}

    /** LLaMA's, which transformers puts where nothing says otherwise. */
    private static final int DEFAULT = 2;

    private static final int GPT2_VOCABULARY = 50257;

    /** With the tokenizer's end, where the configuration has LLaMA's and the vocabulary is GPT-2's; else empty. */
    public static Optional<ModelConfig> corrected(ModelConfig config, Tokenizer tokenizer) {
        boolean wrong = config.endOfText().equals(OptionalInt.of(DEFAULT))
                && tokenizer.vocabularySize() == GPT2_VOCABULARY
                && tokenizer.endOfText().equals(OptionalInt.of(GPT2_VOCABULARY - 1));
        return wrong ? Optional.of(config.withEndOfText(tokenizer.endOfText())) : Optional.empty();
    }

    /** A warning where the configuration's end is a piece of ordinary text, so that generating would not stop. */
    public static Optional<String> warning(ModelConfig config, Tokenizer tokenizer) {
        if (config.endOfText().isEmpty() || tokenizer.endOfText().isEmpty()) {
            return Optional.empty();
        }
        int id = config.endOfText().getAsInt();
        int own = tokenizer.endOfText().getAsInt();
        if (id == own || tokenizer.specialTokens().containsValue(id)) {
            return Optional.empty();
        }
        String text = id < tokenizer.vocabularySize()
                ? "\"" + tokenizer.decode(new int[] {id}).replace("\n", "\\n") + "\""
                : "no token of the tokenizer";
        return Optional.of("warning: the model's eos_token_id is %d, which is %s; the tokenizer ends texts with %d"
                .formatted(id, text, own));
    }
}
