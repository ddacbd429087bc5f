package dev.cria.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.generate.TokenListener.Reading;
import org.junit.jupiter.api.Test;

final class ReadingSpeedTest {

    @Test
    void sumsPromptsAndStepsApart() {
        var speed = new ReadingSpeed();
        speed.read(Reading.PROMPT, 1200, 500_000_000);
        speed.read(Reading.PROMPT, 800, 1_500_000_000);
        assertThat(speed.summary()).isEqualTo("prompt 2,000 tokens in 2.00 s (1,000 tok/s)");
        speed.read(Reading.CHOSEN, 4, 100_000_000);
        speed.read(Reading.CHOSEN, 4, 60_000_000);
        assertThat(speed.summary())
                .isEqualTo("prompt 2,000 tokens in 2.00 s (1,000 tok/s), then 8 tokens in 0.16 s (50.0 tok/s, 4 rows at"
                        + " a time)");
    }

    @Test
    void aSingleRowIsNotCounted() {
        var speed = new ReadingSpeed();
        speed.read(Reading.PROMPT, 8, 80_000_000);
        speed.read(Reading.CHOSEN, 1, 20_000_000);
        assertThat(speed.summary())
                .isEqualTo("prompt 8 tokens in 0.08 s (100 tok/s), then 1 tokens in 0.02 s (50.0 tok/s)");
    }
}
