package dev.cria.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.sweep.Varied.Listed;
import dev.cria.sweep.Varied.LogUniform;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class VariedTest {
    @Test
    void commasInBracketsAndQuotesPartNoValues() {
        assertThat(Varied.parse("optimizer.betas=[0.9, 0.95],[0.9, 0.99]"))
                .isEqualTo(new Listed(
                        List.of("optimizer.betas"), List.of(List.of("[0.9, 0.95]"), List.of("[0.9, 0.99]"))));
        assertThat(Varied.parse("tokenizer=\"a,b\",c"))
                .isEqualTo(new Listed(List.of("tokenizer"), List.of(List.of("\"a,b\""), List.of("c"))));
        assertThat(Varied.parse("data.path=../a,/b/c"))
                .isEqualTo(new Listed(List.of("data.path"), List.of(List.of("../a"), List.of("/b/c"))));
    }

    @Test
    void keysThatMoveTogetherHaveAValueEach() {
        Varied varied = Varied.parse("model.hidden_size/model.intermediate_size=128/352,256/704");
        assertThat(varied)
                .isEqualTo(new Listed(
                        List.of("model.hidden_size", "model.intermediate_size"),
                        List.of(List.of("128", "352"), List.of("256", "704"))));
        assertThat(varied.typed()).isEqualTo("model.hidden_size/model.intermediate_size=128/352,256/704");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"schedule.learning_rate=1e-4..1e-2", "schedule.warmup_steps=5..500", "optimizer.eps=.5..2."})
    void aRangeIsTypedAsItWas(String text) {
        assertThat(Varied.parse(text)).isInstanceOf(LogUniform.class);
        assertThat(Varied.parse(text).typed()).isEqualTo(text);
    }

    /** Of 3,000 draws about a third lies in each of three decades: 1,000 ± 5 standard deviations of 26. */
    @Test
    void eachOrderOfMagnitudeIsAsLikely() {
        Varied range = Varied.parse("schedule.learning_rate=1e-5..1e-2");
        var random = new SplittableRandom(7);
        List<Double> drawn = IntStream.range(0, 3000)
                .mapToObj(_ -> Double.parseDouble(range.draw(random).getFirst()))
                .toList();
        assertThat(drawn).allMatch(rate -> rate >= 1e-5 && rate <= 1e-2);
        assertThat(drawn.stream().filter(rate -> rate < 1e-4).count()).isBetween(870L, 1130L);
        assertThat(drawn.stream().filter(rate -> rate > 1e-3).count()).isBetween(870L, 1130L);
    }

    @Test
    void aRangeOfWholeNumbersGivesWholeNumbers() {
        var random = new SplittableRandom(7);
        Varied range = Varied.parse("schedule.warmup_steps=5..500");
        assertThat(IntStream.range(0, 50)
                        .mapToObj(_ -> range.draw(random).getFirst())
                        .toList())
                .allMatch(steps -> steps.matches("\\d+"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "seed",
                "=1",
                "seed=",
                "seed=1,,2",
                "a/b=1,2",
                "a/b=1/2,3",
                "lr=1e-2..1e-4",
                "lr=0..1",
                "lr=-1..1"
            })
    void whatIsNoListAndNoRangeIsRefused(String text) {
        assertThatThrownBy(() -> Varied.parse(text))
                .isInstanceOf(RequestException.class)
                .hasMessageStartingWith("--vary ");
    }
}
