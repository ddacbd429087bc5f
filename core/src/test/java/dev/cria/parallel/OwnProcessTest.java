package dev.cria.parallel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.tensor.Threads;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OwnProcessTest {

    /** Ends with the number of processors that Java takes the machine to have, plus that of its arguments. */
    static final class Processors {
        public static void main(String[] arguments) {
            System.exit(Runtime.getRuntime().availableProcessors() + 10 * arguments.length);
        }
    }

    @Test
    void hasAllThreadsOfThisProcess() {
        int code = new OwnProcess(Processors.class, System.err).run(List.of("--one", "--two"));
        assertThat(code).isEqualTo(Threads.ofThisProcess().count() + 20);
    }
}
