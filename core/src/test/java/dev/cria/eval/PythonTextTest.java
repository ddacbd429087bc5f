package dev.cria.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PythonTextTest {

    @Test
    void spacesAreThe29ThatPythonKnows() {
        assertThat(IntStream.rangeClosed(0, 0x10FFFF)
                        .filter(PythonText::isSpace)
                        .count())
                .isEqualTo(29);
        assertThat(PythonText.rstrip("a\u00A0\u3000\u001F\u0085\u2028 \t\n")).isEqualTo("a");
        assertThat(PythonText.rstrip("a\u200B"))
                .as("a zero-width space is none")
                .isEqualTo("a\u200B");
        assertThat(PythonText.strip("\uFEFF a ")).as("nor is a byte order mark").isEqualTo("\uFEFF a");
        assertThat(PythonText.strip(" \n ")).isEmpty();
    }

    /** Right-hand sides are what Python 3.11's {@code str.capitalize} prints. */
    @ParameterizedTest
    @CsvSource({
        "the WOMAN then POURS It, The woman then pours it",
        "éCOLE, École",
        "ßA, Ssa",
        "ﬁNE, Fine",
        "ŉX, ʼNx",
        "ǆX, ǅx",
        "ǄX, ǅx",
        "ΟΔΟΣ, Οδος",
        "ΣΑΣ ΑΣ, Σας ας",
        "İX, İx",
        "xİ, Xi̇",
        "ᾲX, Ὰͅx",
        "ᾳX, ᾼx",
        "ᾈX, ᾈx",
        "𐐨𐐀, 𐐀𐐨",
        "1ST, 1st",
        "[HEADER], [header]",
    })
    void capitalizesAsPythonDoes(String text, String capitalized) {
        assertThat(PythonText.capitalize(text)).isEqualTo(capitalized);
    }

    @Test
    void capitalizesTheEmptyTextToItself() {
        assertThat(PythonText.capitalize("")).isEmpty();
    }

    @Test
    void countsCodePoints() {
        assertThat(PythonText.length("a🦊é")).isEqualTo(3);
    }
}
