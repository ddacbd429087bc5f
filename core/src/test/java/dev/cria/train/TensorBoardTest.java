package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TensorBoardTest {
    @TempDir
    private Path run;

    private final Said said = new Said();

    @Test
    void aKilledProcessLosesNoValueOfAFinishedStep() throws IOException {
        TensorBoard board = TensorBoard.open(run, 0, said);
        long before = written();
        board.afterStep(step(0));
        long afterOne = written();
        assertThat(afterOne).isGreaterThan(before + 4 * 30);
        board.validation(1, 3.5);
        assertThat(written()).isGreaterThan(afterOne);
        board.close();
    }

    @Test
    void whereNothingCanBeWrittenTheRunGoesOnAndLaterStepsAreShown() throws IOException {
        Files.writeString(run.resolve("tensorboard"), "in the way");
        TensorBoard board = TensorBoard.open(run, 0, said);
        board.afterStep(step(0));
        assertThat(said.lines())
                .singleElement()
                .asString()
                .startsWith("warning: ")
                .endsWith("will miss these steps");
        Files.delete(run.resolve("tensorboard"));
        board.afterStep(step(1));
        board.close();
        assertThat(written()).isPositive();
    }

    private long written() throws IOException {
        try (Stream<Path> files = Files.list(run.resolve("tensorboard"))) {
            return files.mapToLong(f -> f.toFile().length()).sum();
        }
    }

    private static StepResult step(long step) {
        return new StepResult(step, 3, 1e-3, 0.5, 10, 10, 0.5, Map.of(), List.of(0.5), StepResult.Outcome.MOVED);
    }
}
