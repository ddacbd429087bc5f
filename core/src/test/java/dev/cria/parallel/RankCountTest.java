package dev.cria.parallel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Failures in a row: f before any checkpoint of the attempt, s after one; g is the signal that more can be had. */
final class RankCountTest {
    @ParameterizedTest
    @CsvSource({
        "f, 8",
        "ff, 4",
        "fsf, 4", // One that has come as far as a checkpoint is the first of a new count.
        "sf, 4",
        "ffff, 2",
        "ffffff, 2", // There are no fewer.
        "ffs, 8",
        "ffsf, 4", // On trial, and back at once to what is known to work.
        "ffsff, 4",
        "ffsfff, 2",
        "ffss, 8",
        "ffssf, 4",
        "ffg, 8",
        "ffgf, 4",
        "ffffgf, 2",
        "ffffsf, 2"
    })
    void growsAndShrinksByWhatHasWorked(String ends, int ranks) {
        var count = new RankCount(2, 9, n -> Integer.bitCount(n) == 1);
        for (char end : ends.toCharArray()) {
            if (end == 'g') {
                count.grow();
            } else {
                count.failed(end == 's');
            }
        }
        assertThat(count.now()).isEqualTo(ranks);
        assertThat(count.isReduced()).isEqualTo(ranks < 8);
    }

    @Test
    void keepsANumberThatTheRanksThemselvesWillRefuse() {
        assertThat(new RankCount(3, 3, _ -> false).now()).isEqualTo(3);
    }
}
