package dev.cria.tensor.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.tensor.Device;
import dev.cria.tensor.Memory;
import dev.cria.tensor.cpu.MemoryBandwidth.Measured;
import dev.cria.tensor.cpu.MemoryBandwidth.Pattern;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MemoryBandwidthTest {

    @Test
    void everyPatternIsMeasuredOverThreeArraysThatAreGivenBack() {
        long before = Memory.of(Device.CPU).liveBytes();
        Measured measured = MemoryBandwidth.measure(Device.CPU, (9L << 20) + 12345);

        assertThat(measured.bytes()).isEqualTo(9L << 20);
        assertThat(measured.bytesPerSecond()).containsOnlyKeys(Pattern.values());
        assertThat(measured.bytesPerSecond().values())
                .allSatisfy(rate -> assertThat(rate).isPositive().isFinite());
        assertThat(Memory.of(Device.CPU).liveBytes()).isEqualTo(before);
        assertThat(Memory.of(Device.CPU).freeBytes()).isZero();
    }

    @Test
    void bestIsTheFastestPattern() {
        var measured = new Measured(1, Map.of(Pattern.COPY, 3.0, Pattern.TRIAD, 4.0, Pattern.READ, 2.0));
        assertThat(measured.best()).isEqualTo(4);
    }
}
