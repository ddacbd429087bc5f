package dev.cria.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class ThreadsTest {
    @Test
    void areOneACoreUnlessChosen() {
        var threads = new Threads(8);
        assertThat(threads.chosen()).isEmpty();
        assertThat(threads.count()).isEqualTo(8);
        var chosen = new Threads(8);
        chosen.choose(3);
        assertThat(chosen.count()).isEqualTo(3);
        assertThat(chosen.chosen()).hasValue(3);
    }

    @Test
    void cannotChangeOnceTheyHaveComputed() {
        var threads = new Threads(2);
        threads.count();
        threads.choose(2);
        assertThatThrownBy(() -> threads.choose(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("2 threads have computed already; not 1");
        assertThatThrownBy(() -> threads.choose(0)).isInstanceOf(IllegalArgumentException.class);
    }
}
