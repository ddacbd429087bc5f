package dev.cria.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.Progress;
import dev.cria.run.Line.Step.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CsvLogTest {
    @TempDir
    private Path run;

    private void write(int from, int to) {
        try (CsvLog log = CsvLog.open(run, Progress.silent())) {
            for (int i = from; i < to; i++) {
                log.take(new Line.Validation(i, 2));
                log.take(new Line.Step(
                        i,
                        i == 2 ? Double.NaN : 3.5,
                        0.01,
                        1,
                        8L * i,
                        900,
                        0.4,
                        i,
                        Outcome.MOVED,
                        Map.of(),
                        List.of()));
            }
        }
    }

    @Test
    void everyStepIsALineUnderOneHeadAndAfterAResumeStillIs() throws IOException {
        write(0, 4);
        new RunFiles(run).rewind(3);
        write(3, 5);
        assertThat(Files.readAllLines(run.resolve("log.csv")))
                .containsExactly(
                        "step,loss,lr,grad_norm,tokens,tokens_per_s,mfu,elapsed_s",
                        "0,3.5,0.01,1.0,0,900.0,0.4,0.0",
                        "1,3.5,0.01,1.0,8,900.0,0.4,1.0",
                        "2,,0.01,1.0,16,900.0,0.4,2.0",
                        "3,3.5,0.01,1.0,24,900.0,0.4,3.0",
                        "4,3.5,0.01,1.0,32,900.0,0.4,4.0");
    }
}
