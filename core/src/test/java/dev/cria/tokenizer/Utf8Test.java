package dev.cria.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class Utf8Test {

    // What Python's bytes.decode("utf-8", errors="replace") gives.
    @ParameterizedTest
    @CsvSource({
        "41, A",
        "80, \uFFFD",
        "C0AF, \uFFFD\uFFFD",
        "C3A9, é",
        "C3, \uFFFD",
        "C341, \uFFFDA",
        "E282AC, €",
        "E282, \uFFFD",
        "E28241, \uFFFDA",
        "E0809F, \uFFFD\uFFFD\uFFFD",
        "EDA080, \uFFFD\uFFFD\uFFFD",
        "F09F9982, 🙂",
        "F09F99, \uFFFD",
        "F09F, \uFFFD",
        "F09F41, \uFFFDA",
        "F08080AF, \uFFFD\uFFFD\uFFFD\uFFFD",
        "F4908080, \uFFFD\uFFFD\uFFFD\uFFFD",
        "F5808080, \uFFFD\uFFFD\uFFFD\uFFFD",
        "FF41FE, \uFFFDA\uFFFD",
        "F09FE282AC, \uFFFD€",
    })
    void brokenBytesBecomeOneReplacementAMaximalPart(String hex, String text) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        assertThat(Utf8.decode(bytes, 0, bytes.length)).isEqualTo(text);
    }

    @Test
    void halfSurrogatePairsBecomeReplacements() {
        assertThat(Utf8.encode("a\uD83Db\uDE42")).isEqualTo("a\uFFFDb\uFFFD".getBytes(StandardCharsets.UTF_8));
        assertThat(Utf8.encode("\uDE42\uD83D\uDE42")).isEqualTo("\uFFFD🙂".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void wellFormedTextComesBack() {
        Random random = new Random(1);
        for (int i = 0; i < 2_000; i++) {
            String text = RandomTexts.mixed(random, 20);
            byte[] utf8 = Utf8.encode(text);
            assertThat(utf8).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
            assertThat(Utf8.decode(utf8, 0, utf8.length)).isEqualTo(text);
        }
    }
}
