package dev.cria.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class StreamingDecoderTest {
    private final Tokenizer gpt2 = Tokenizers.gpt2();

    @Test
    void holdsBackHalfAnEmojiAndGivesItWhole() {
        int[] ids = gpt2.encode("a🙂b");
        assertThat(ids).hasSizeGreaterThan(3);
        var decoder = new StreamingDecoder(gpt2);
        assertThat(decoder.accept(ids[0])).isEqualTo("a");
        for (int i = 1; i < ids.length - 2; i++) {
            assertThat(decoder.accept(ids[i])).isEmpty();
        }
        assertThat(decoder.accept(ids[ids.length - 2])).isEqualTo("🙂");
        assertThat(decoder.accept(ids[ids.length - 1])).isEqualTo("b");
        assertThat(decoder.finish()).isEmpty();
    }

    @Test
    void endsHalfACodePointWithOneReplacement() {
        int[] ids = gpt2.encode("🙂");
        var decoder = new StreamingDecoder(gpt2);
        assertThat(decoder.accept(ids[0])).isEmpty();
        assertThat(decoder.finish()).isEqualTo("\uFFFD");
        assertThat(decoder.finish()).isEmpty();
        assertThat(decoder.accept(gpt2.encode("x")[0])).isEqualTo("x");
    }

    @Test
    void piecesTogetherAreTheDecodedWholeForAnyIds() {
        Random random = new Random(7);
        for (int round = 0; round < 2_000; round++) {
            // Low ids are single bytes: mostly no UTF-8 at all.
            int limit = random.nextBoolean() ? 256 : gpt2.vocabularySize();
            int[] ids = random.ints(1 + random.nextInt(20), 0, limit).toArray();
            var decoder = new StreamingDecoder(gpt2);
            StringBuilder text = new StringBuilder();
            for (int id : ids) {
                text.append(decoder.accept(id));
            }
            assertThat(text.append(decoder.finish()).toString()).isEqualTo(gpt2.decode(ids));
        }
    }

    @Test
    void piecesOfARealTextHoldNoReplacement() {
        Random random = new Random(8);
        for (int round = 0; round < 300; round++) {
            String text = RandomTexts.mixed(random, 30).replace("\uFFFD", "");
            var decoder = new StreamingDecoder(gpt2);
            StringBuilder pieces = new StringBuilder();
            for (int id : gpt2.encode(text)) {
                pieces.append(decoder.accept(id));
            }
            assertThat(pieces.append(decoder.finish()).toString())
                    .isEqualTo(text)
                    .doesNotContain("\uFFFD");
        }
    }
}
