package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cria.RequestException;
import dev.cria.data.source.Sources;
import dev.cria.format.ConfigFile;
import dev.cria.train.Suggestion.Limit;
import dev.cria.train.Suggestion.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SuggestionTest {
    private static final Machine LAPTOP = new Machine(60e9, 16e9);
    private static final Machine GPU = new Machine(300e12, 70e9);
    private static final TextSize BOOK = new TextSize(1_100_000, true, 4096, 3.2);
    private static final TextSize WEB = new TextSize(100_000_000_000L, false, 50_257, 4.4);

    @TempDir
    Path folder;

    /** A hundred gigabytes, in tokens of a vocabulary of at most so many. */
    private static TextSize web(int mostVocabulary) {
        return new TextSize(WEB.bytes(), false, Math.min(WEB.vocabulary(), mostVocabulary), WEB.bytesPerToken());
    }

    /** With text in plenty the model has about a twentieth of the tokens, as far as the ladder of sizes has steps. */
    @ParameterizedTest
    @CsvSource({"60e9, 24", "60e9, 500", "1e12, 24", "300e12, 24", "300e12, 200"})
    void theTimeIsSpentOnTwentyTokensAParameterAndMore(double flops, double hours) {
        Machine machine = new Machine(flops, 70e9);
        Suggestion suggestion = Suggestion.of(web(Suggestion.mostVocabulary(machine, hours)), machine, hours);

        double perParameter = (double) suggestion.tokens() / suggestion.parameters();
        assertThat(perParameter).isBetween(20.0, 80.0);
        assertThat(suggestion.limit()).isEqualTo(Limit.TIME);
        assertThat(suggestion.operations() / (flops * hours * 3600)).isCloseTo(0.9, within(0.01));
    }

    @Test
    void aSmallTextIsReadFourTimesHoweverMuchTimeThereIs() {
        for (double hours : new double[] {2, 50, 5000}) {
            Suggestion suggestion = Suggestion.of(BOOK, LAPTOP, hours);
            assertThat(suggestion.epochs()).isBetween(3.9, 4.0);
            assertThat(suggestion.limit()).isEqualTo(Limit.TEXT);
            assertThat(suggestion.parameters()).isLessThan(10_000_000);
        }
        assertThat(Suggestion.of(BOOK, LAPTOP, 0.01).epochs()).isLessThan(4);
    }

    @Test
    void moreTimeNeverMakesASmallerModel() {
        long before = 0;
        for (double hours = 0.1; hours < 20_000; hours *= 3) {
            long parameters = Suggestion.of(WEB, LAPTOP, hours).parameters();
            assertThat(parameters).isGreaterThanOrEqualTo(before);
            before = parameters;
        }
    }

    @Test
    void itFitsInTheMemory() {
        assertThat(Suggestion.of(WEB, GPU, 1000).parameters()).isGreaterThan(500_000_000);
        Suggestion tight = Suggestion.of(WEB, new Machine(300e12, 4e9), 1000);
        assertThat(tight.parameters()).isLessThan(500_000_000);
    }

    @Test
    void secondsAreRefused() {
        assertThatThrownBy(() -> Suggestion.of(BOOK, new Machine(1e6, 16e9), 0.001))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("too few");
    }

    /** What is written is what was computed, and a training that pretrain takes. */
    @ParameterizedTest
    @CsvSource({"0.1", "8", "5000"})
    void theFileIsTheSuggestion(double hours) throws IOException {
        for (TextSize text : List.of(BOOK, WEB)) {
            Suggestion suggestion = Suggestion.of(text, LAPTOP, hours);
            var file = new SuggestedFile(
                    suggestion, List.of("my texts"), "my-texts.yaml", "my-texts", LAPTOP, "cpu", "cpu, 200 GFLOP/s");
            Path path = folder.resolve("my-texts.yaml");
            Files.writeString(path, file.yaml());

            Recipe recipe = ConfigFile.read(path, Recipe.defaults(), List.of());
            assertThat(recipe.device()).isEqualTo("cpu");
            TrainingPlan plan = TrainingPlan.of(recipe);
            assertThat(plan.config()).isEqualTo(suggestion.config());
            assertThat(plan.tokens()).isEqualTo(suggestion.steps() * suggestion.tokensPerStep());
            assertThat(recipe.schedule().learningRate()).isCloseTo(suggestion.learningRate(), within(1e-9));
            assertThat(recipe.schedule().warmupSteps())
                    .isLessThan((int) recipe.schedule().steps());
            assertThat(file.yaml()).contains("'my texts'").contains("tokenizer: " + (text == WEB ? "gpt2" : "data/"));
        }
    }

    @Test
    void aTextIsCountedInTokensOfAVocabularyThatItFills() throws IOException {
        Path text = folder.resolve("text.txt");
        Random random = new Random(1);
        Files.writeString(
                text,
                IntStream.range(0, 40_000)
                        .mapToObj(i -> "w" + random.nextInt(500))
                        .collect(Collectors.joining(" ")));
        TextSize size = TextSize.of(Sources.find(List.of(text.toString()), "text"), 4096);

        assertThat(size.bytes()).isEqualTo(Files.size(text));
        assertThat(size.counted()).isTrue();
        assertThat(size.vocabulary()).isIn(512, 1024);
        assertThat(size.bytesPerToken()).isBetween(1.5, 5.0);

        Files.writeString(text, "short");
        assertThatThrownBy(() -> TextSize.of(Sources.find(List.of(text.toString()), "text"), 4096))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("5 bytes");
    }
}
