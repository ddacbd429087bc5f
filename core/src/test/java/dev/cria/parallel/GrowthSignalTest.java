package dev.cria.parallel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import sun.misc.Signal;

@Timeout(60)
@DisabledOnOs(OS.WINDOWS)
final class GrowthSignalTest {
    @Test
    void isTakenWhileSomethingIsDoneAndRememberedUntilThen() throws Exception {
        var remembered = new CountDownLatch(1);
        Signal others = new Signal("USR1");
        var before = Signal.handle(others, _ -> remembered.countDown());
        try (var growth = GrowthSignal.listen()) {
            var arrived = new CompletableFuture<Void>();
            boolean during = growth.whileListening(() -> arrived.complete(null), () -> {
                Signal.raise(others);
                arrived.orTimeout(30, TimeUnit.SECONDS).join();
                return true;
            });
            assertThat(during).isTrue();

            Signal.raise(others);
            while (!growth.isPending()) {
                Thread.sleep(5);
            }
            var once = new CountDownLatch(2);
            growth.whileListening(once::countDown, () -> 0);
            growth.whileListening(once::countDown, () -> 0);
            assertThat(once.getCount()).isEqualTo(1);
        }
        Signal.raise(others);
        assertThat(remembered.await(30, TimeUnit.SECONDS)).isTrue();
        Signal.handle(others, before);
    }
}
