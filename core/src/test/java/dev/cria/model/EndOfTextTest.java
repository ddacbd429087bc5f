package dev.cria.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class EndOfTextTest {
    private final ModelConfig config = Presets.resolve(Map.of("preset", "llama-124m"), 64);
    private final Tokenizer gpt2 = Tokenizers.named("gpt2");

    /** Hugging Face's default of 2 is "#" in GPT-2's vocabulary. */
    @Test
    void anEndThatIsOrdinaryTextIsWarnedOf() {
        assertThat(EndOfText.warning(config.withEndOfText(OptionalInt.of(2)), gpt2))
                .contains(
                        "warning: the model's eos_token_id is 2, which is \"#\"; the tokenizer ends texts with 50256");
        assertThat(EndOfText.warning(config.withEndOfText(OptionalInt.of(50300)), gpt2)
                        .orElseThrow())
                .contains("which is no token of the tokenizer");
    }

    @Test
    void theTokenizersOwnEndAndNoneAreNot() {
        assertThat(EndOfText.warning(config.withEndOfText(OptionalInt.of(50256)), gpt2))
                .isEmpty();
        assertThat(EndOfText.warning(config.withEndOfText(OptionalInt.empty()), gpt2))
                .isEmpty();
    }
}
