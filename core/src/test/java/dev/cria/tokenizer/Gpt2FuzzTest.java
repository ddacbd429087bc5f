package dev.cria.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random texts have the ids that jtokkit gives them, an implementation that shares nothing but the tokens. */
final class Gpt2FuzzTest {
    private final Tokenizer gpt2 = Tokenizers.gpt2();
    private final Encoding jtokkit = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void randomTextsHaveJtokkitsIds(long seed) {
        RandomGenerator random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            check(RandomTexts.mixed(random, 1 + random.nextInt(60)));
        }
    }

    @Test
    void longRunsHaveJtokkitsIds() {
        RandomGenerator random = new Random(5);
        for (int length : new int[] {15, 16, 17, 95, 96, 97, 98, 500, 1500}) {
            check("a".repeat(length));
            check(" ".repeat(length));
            check("=-".repeat(length));
            check(RandomTexts.lettersOnly(random, length));
        }
    }

    private void check(String text) {
        assertThat(gpt2.encode(text))
                .as(() -> "text " + RandomTexts.escaped(text))
                .isEqualTo(jtokkit.encodeOrdinary(text).toArray());
    }
}
