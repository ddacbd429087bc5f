package dev.cria.data.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FilterFileTest {

    /** The built-in file shows every key with the published value, so it must equal the defaults but for one choice. */
    @Test
    void theBuiltInPipelineHasThePublishedThresholds() {
        assertThat(FilterFile.named("fineweb").filters())
                .containsExactly(
                        Language.STANDARD,
                        GopherRepetition.STANDARD,
                        new GopherQuality(
                                50, 100_000, 3, 10, 0.1, 0.9, 0.3, 0.8, false, 2, GopherQuality.STANDARD.stopWords()),
                        C4Lines.STANDARD,
                        FineWebQuality.STANDARD);
        assertThat(FilterFile.parse(
                        "test",
                        "[language, gopher_repetition, gopher_quality: {signs_are_words: false}, c4_lines,"
                                + " fineweb_quality]"))
                .isEqualTo(FilterFile.named("fineweb"));
        assertThat(FilterFile.named("none").filters()).isEmpty();
    }

    @Test
    void aKeyThatIsGivenReplacesTheDefaultAndNoOther() {
        FilterChain chain = FilterFile.parse("test", "- gopher_quality: {min_words: 20, stop_words: [der, die]}");
        GopherQuality quality = (GopherQuality) chain.filters().getFirst();
        assertThat(quality.minWords()).isEqualTo(20);
        assertThat(quality.stopWords()).containsExactly("der", "die");
        assertThat(quality.maxWords()).isEqualTo(100_000);
    }

    @Test
    void mistakesAreNamed(@TempDir Path directory) throws Exception {
        assertRefused("- gopher: {}", "names the filter 'gopher', and there are [language, gopher_repetition");
        assertRefused(
                "- c4_lines: {min_sentence: 3}",
                "c4_lines has no key 'min_sentence'; its keys are require_final_punctuation, min_sentences");
        assertRefused("- c4_lines: {min_sentences: many}", "c4_lines: ");
        assertRefused("gopher_quality: {}", "is not a list of filters");
        assertRefused("- [1]", "which is not one filter");
        assertRefused("- {a: 1", "is not YAML");
        assertRefused("- edu_score: {minimum: 3}", "edu_score has no key 'minimum'; its keys are min, classifier");
        assertThatThrownBy(() -> FilterFile.named("no-such.yaml")).hasMessage("--filters no-such.yaml is not there");
        Path file = Files.writeString(directory.resolve("mine.yaml"), "- language: {keep: [deu]}");
        assertThat(((Language) FilterFile.named(file.toString()).filters().getFirst()).keep())
                .containsExactly("deu");
    }

    @Test
    void aPipelineIsDescribedWithAllItsThresholds() {
        assertThat(FilterFile.describe(FilterFile.parse("test", "- c4_lines: {min_sentences: 2}"))
                        .toString())
                .isEqualTo(List.of("{c4_lines={require_final_punctuation=false, min_sentences=2, min_words_per_line=3,"
                                + " max_word_length=1000}}")
                        .toString());
    }

    private static void assertRefused(String yaml, String message) {
        assertThatThrownBy(() -> FilterFile.parse("mine.yaml", yaml))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("mine.yaml")
                .hasMessageContaining(message);
    }
}
