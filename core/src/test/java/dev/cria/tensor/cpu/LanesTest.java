package dev.cria.tensor.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

final class LanesTest {

    @Test
    void nearestBfloat16sGoAwayFromZeroWhereTwoAreAsNear() {
        float unit = 1f / 128;
        assertNearest(1, 1);
        assertNearest(1 + 0.499f * unit, 1);
        assertNearest(1 + 0.5f * unit, 1 + unit);
        assertNearest(1 + 1.5f * unit, 1 + 2 * unit);
    }

    private static void assertNearest(float x, float nearest) {
        try (var arena = Arena.ofConfined()) {
            long at = arena.allocate(8L * Lanes.WIDTH, 64).address();
            var vector = FloatVector.broadcast(Lanes.FLOATS, x);
            Lanes.storeNearBf16(at, vector);
            Lanes.storePairBf16(at + 4L * Lanes.WIDTH, vector.neg(), vector);
            for (int lane = 0; lane < Lanes.WIDTH; lane++) {
                assertThat(Lanes.getBf16(at + 2L * lane)).isEqualTo(nearest);
                assertThat(Lanes.getBf16(at + 2L * (2 * Lanes.WIDTH + lane))).isEqualTo(-nearest);
                assertThat(Lanes.getBf16(at + 2L * (3 * Lanes.WIDTH + lane))).isEqualTo(nearest);
            }
        }
    }
}
