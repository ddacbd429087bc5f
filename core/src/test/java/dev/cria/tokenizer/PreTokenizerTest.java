package dev.cria.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.tokenizer.DigitSplit.Grouping;
import dev.cria.tokenizer.PreTokenizer.PreTokens;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The patterns scanned by hand cut where their regular expressions do. */
final class PreTokenizerTest {

    @Test
    void gpt2CutsAsItsPatternSays() {
        assertThat(cut(new Gpt2Pattern(), "I'm  here, aren't   I?\n\n ok "))
                .containsExactly("I", "'m", " ", " here", ",", " aren", "'t", "  ", " I", "?", "\n\n", " ok", " ");
        assertThat(cut(new Gpt2Pattern(), "DON'T 'tis 'll x²y½ 3.14"))
                .containsExactly("DON", "'", "T", " '", "tis", " '", "ll", " x", "²", "y", "½", " 3", ".", "14");
        assertThat(cut(new Gpt2Pattern(), "\u00A0\u00A0a\u0085b \u200Bc"))
                .containsExactly("\u00A0", "\u00A0", "a", "\u0085", "b", " \u200B", "c");
    }

    @Test
    void llama3CutsAsItsPatternSays() {
        assertThat(cut(new Llama3Pattern(3), "It'S (really) 12345!\r\n\n  \n  x\tdef"))
                .containsExactly(
                        "It", "'S", " (", "really", ")", " ", "123", "45", "!\r\n\n", "  \n", " ", " x", "\tdef");
        assertThat(cut(new Llama3Pattern(1), "a 42")).containsExactly("a", " ", "4", "2");
        assertThat(cut(new Llama3Pattern(3), "it'\u017F")).containsExactly("it", "'\u017F");
    }

    @Test
    void digitsStandApartAloneOrTogether() {
        assertThat(cut(new DigitSplit(Grouping.EACH_ALONE), "ab12 ½c")).containsExactly("ab", "1", "2", " ", "½", "c");
        assertThat(cut(new DigitSplit(Grouping.RUNS), "ab12 ½c")).containsExactly("ab", "12", " ", "½", "c");
    }

    @Test
    void secondOfASequenceSeesNothingBeyondItsPiece() {
        var sequence = new PreTokenizerSequence(new DigitSplit(Grouping.EACH_ALONE), new Gpt2Pattern());
        assertThat(cut(sequence, "to  12 go")).containsExactly("to", "  ", "1", "2", " go");
        assertThat(cut(new Gpt2Pattern(), "to  12 go")).containsExactly("to", " ", " 12", " go");
    }

    @Test
    void regexKeepsWhatNothingMatches() {
        assertThat(cut(RegexPattern.of("\\p{L}+"), "🙂ab, cd.")).containsExactly("🙂", "ab", ", ", "cd", ".");
        assertThat(cut(RegexPattern.of("x*"), "abxxc")).containsExactly("ab", "xx", "c");
    }

    @ParameterizedTest
    @MethodSource("patterns")
    void scannersCutWhereTheirRegexDoes(PreTokenizer scanner, String regex) {
        PreTokenizer reference = RegexPattern.of(regex);
        Random random = new Random(17);
        for (int i = 0; i < 6_000; i++) {
            String text = RandomTexts.mixed(random, 1 + random.nextInt(25));
            assertThat(cut(scanner, text)).as(() -> RandomTexts.escaped(text)).isEqualTo(cut(reference, text));
        }
    }

    static Stream<Arguments> patterns() {
        return Stream.of(
                Arguments.of(new Gpt2Pattern(), Gpt2Pattern.REGEX),
                Arguments.of(new Llama3Pattern(3), new Llama3Pattern(3).regex()),
                Arguments.of(new Llama3Pattern(1), new Llama3Pattern(1).regex()),
                Arguments.of(new DigitSplit(Grouping.EACH_ALONE), "\\p{N}"),
                Arguments.of(new DigitSplit(Grouping.RUNS), "\\p{N}+"));
    }

    private static List<String> cut(PreTokenizer preTokenizer, String text) {
        // Scanned in the middle of other bytes, which have to be left alone.
        byte[] utf8 = ("ab" + text + "'s cd").getBytes(StandardCharsets.UTF_8);
        int end = utf8.length - 5;
        PreTokens preTokens = preTokenizer.over(utf8, 2, end);
        List<String> pieces = new ArrayList<>();
        int start = 2;
        while (start < end) {
            int next = preTokens.next();
            pieces.add(new String(utf8, start, next - start, StandardCharsets.UTF_8));
            start = next;
        }
        return pieces;
    }
}
