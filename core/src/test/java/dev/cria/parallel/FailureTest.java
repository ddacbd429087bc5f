package dev.cria.parallel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.RequestException;
import dev.cria.WorkException;
import org.junit.jupiter.api.Test;

final class FailureTest {

    @Test
    void aRefusalStaysARefusalOnItsWay() {
        var there = Failure.of(3, new RequestException("data.path is \"x\"\nand no directory", "--data DIR"));
        RuntimeException here = Failure.fromText(there.toText()).orElseThrow().elsewhere();
        assertThat(here)
                .isInstanceOf(RequestException.class)
                .hasMessage("rank 3: data.path is \"x\"\nand no directory");
        assertThat(((RequestException) here).hint()).isEqualTo("--data DIR");
    }

    @Test
    void failedWorkAndBugsFailTheWorkElsewhere() {
        assertThat(Failure.of(1, new WorkException("disk full", "free some")).elsewhere())
                .isInstanceOf(WorkException.class)
                .hasMessage("rank 1: disk full");
        assertThat(Failure.of(0, new OutOfMemoryError("heap")).elsewhere())
                .isInstanceOf(WorkException.class)
                .hasMessage("rank 0: failed: java.lang.OutOfMemoryError: heap");
    }

    @Test
    void theExitCodeFollowsTheRankThatWasKilled() {
        var interrupted = RankEnd.Cause.INTERRUPTION;
        var own = RankEnd.Cause.THEIR_OWN;
        assertThat(new RankEnd(0, 0, own).exitCode()).isZero();
        assertThat(new RankEnd(1, 2, own).exitCode()).isEqualTo(2);
        assertThat(new RankEnd(1, 7, own).exitCode()).isEqualTo(1);
        assertThat(new RankEnd(1, 143, interrupted).exitCode()).isEqualTo(130);
        assertThat(new RankEnd(1, 2, own).isWorthRestarting()).isFalse();
        assertThat(new RankEnd(1, 137, own).isWorthRestarting()).isTrue();
        assertThat(new RankEnd(1, 137, interrupted).isWorthRestarting()).isFalse();
    }
}
