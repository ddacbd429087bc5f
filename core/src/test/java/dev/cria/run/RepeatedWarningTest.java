package dev.cria.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.Said;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class RepeatedWarningTest {
    private Instant now = Instant.EPOCH;

    @Test
    void isSaidAtOnceAndThenOnceAMinute() {
        Said said = new Said();
        RepeatedWarning warning = new RepeatedWarning(said, () -> now);
        for (int second = 0; second <= 130; second += 10) {
            warning.say("after " + second);
            now = now.plus(Duration.ofSeconds(10));
        }
        assertThat(said.lines()).containsExactly("warning: after 0", "warning: after 60", "warning: after 120");
    }
}
