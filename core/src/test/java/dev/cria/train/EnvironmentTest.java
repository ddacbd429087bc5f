package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cria.RequestException;
import dev.cria.parallel.Ranks;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class EnvironmentTest {
    private static final Map<String, String> FACTS = Map.of(
            "threads",
            "2",
            "libtorch_threads",
            "2",
            "cpu",
            "avx512f",
            "device",
            "cpu",
            "kernels",
            "cpu, 2 threads",
            "ranks",
            "1",
            "compute",
            "fp32");

    @Test
    void aReproducibleRunGoesOnWithTheThreadsItHad() {
        var refusal = refusal(Map.of("threads", "4", "kernels", "cpu, 4 threads"), "true");
        assertThat(refusal.error())
                .isEqualTo(
                        "threads is 2 and was 4 when the run was trained; parallel.reproducible is true, and sums may"
                                + " differ");
        assertThat(refusal.hint())
                .isEqualTo("./cria launch --threads 4 --nproc-per-node N before the command; or --set"
                        + " parallel.reproducible=false, which gives the same but for rounding");
    }

    @Test
    void aReproducibleRunGoesOnWithTheInstructionsItHad() {
        var refusal = refusal(Map.of("cpu", "avx2"), "true");
        assertThat(refusal.error())
                .isEqualTo(
                        "cpu is avx512f and was avx2 when the run was trained; parallel.reproducible is true, and sums"
                                + " may differ");
        assertThat(refusal.hint())
                .isEqualTo("the same cpu everywhere; or --set parallel.reproducible=false, which gives the same but for"
                        + " rounding");
    }

    @Test
    void ranksAndTypesMayChange() {
        assertThatCode(() -> check(Map.of("ranks", "4", "compute", "bf16"), "true"))
                .doesNotThrowAnyException();
        assertThat(new Environment(FACTS).ofAnyRanks().differencesFrom(Map.of("ranks", "4")))
                .isEmpty();
        assertThat(new Environment(FACTS).differencesFrom(Map.of("ranks", "4"))).hasSize(1);
    }

    @Test
    void aRunThatWasNotReproducibleHasNoBitsToKeep() {
        assertThatCode(() -> check(Map.of("threads", "4"), "false")).doesNotThrowAnyException();
    }

    private static RequestException refusal(Map<String, String> otherwise, String reproducible) {
        return catchThrowableOfType(RequestException.class, () -> check(otherwise, reproducible));
    }

    private static void check(Map<String, String> otherwise, String reproducible) {
        Map<String, String> before = new HashMap<>(FACTS);
        before.putAll(otherwise);
        var saved = new TrainerState(
                5,
                0,
                5,
                0,
                Guard.Memory.NONE,
                LossScale.NONE,
                10,
                before,
                new Provenance("here", Map.of("parallel.reproducible", reproducible), Map.of()));
        new Environment(FACTS).requireAlike(Ranks.solo(), Optional.of(saved));
    }
}
