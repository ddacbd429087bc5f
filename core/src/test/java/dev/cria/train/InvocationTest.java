package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class InvocationTest {

    @Test
    void whatIsShownCanBeTypedAgain() {
        assertThat(Invocation.shown(List.of("pretrain", "--set", "a.b=1.0e-3", "--out", "my runs/it's", "")))
                .isEqualTo("./cria pretrain --set a.b=1.0e-3 --out 'my runs/it'\\''s' ''");
    }

    /** This JVM's main class is the test runner's, as it could be anybody's. */
    @Test
    void ofAProgramThatUsesTheLibraryOnlyTheNameIsTold() {
        String command = System.getProperty("sun.java.command");
        try {
            System.setProperty("sun.java.command", "example.Main --password hunter2");
            assertThat(Invocation.commandLine()).isEqualTo("java example.Main");
        } finally {
            System.setProperty("sun.java.command", command);
        }
    }
}
