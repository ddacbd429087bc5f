package dev.cria.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cria.RequestException;
import dev.cria.run.RunDirectory.Leftover;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunDirectoryTest {
    @TempDir
    private Path folder;

    @Test
    void whileOneHoldsItNobodyElseCan() throws IOException {
        Path run = folder.resolve("run");
        try (RunDirectory held = claim(run)) {
            Files.writeString(held.files().config(), "");
            for (ThrowingCallable other :
                    List.<ThrowingCallable>of(() -> RunDirectory.hold(run), () -> claim(run), () -> free(run))) {
                var refusal = catchThrowableOfType(RequestException.class, other);
                assertThat(refusal.error()).isEqualTo(run + " is being written by another process");
                assertThat(refusal.hint()).isEqualTo("./cria watch " + run + " shows it");
            }
        }
        RunDirectory.hold(run).close();
    }

    @Test
    void aRunWithACheckpointIsNotTakenForANewOne() throws IOException {
        Path run = folder.resolve("run");
        Files.createDirectories(run.resolve("checkpoints/step-0000010"));
        var taken = catchThrowableOfType(RequestException.class, () -> claim(run));
        assertThat(taken.error()).isEqualTo(run + " holds a run already");
        assertThat(taken.hint())
                .isEqualTo("./cria pretrain --resume " + run + " continues it; or choose another --out");
    }

    @Test
    void whatAStartWithoutAStepHasLeftIsStartedOver() throws IOException {
        Path run = folder.resolve("run");
        claim(run).close();
        Files.writeString(run.resolve("config.yaml"), "seed: 1");
        Files.writeString(run.resolve("metrics.jsonl"), "{\"step\":0,\"val_loss\":7.0}\n{\"step\":0,\"lo");
        Files.writeString(run.resolve("notes.txt"), "mine");
        claim(run).close();
        assertThat(run.resolve("metrics.jsonl")).doesNotExist();
        assertThat(run.resolve("notes.txt")).hasContent("mine");
    }

    @Test
    void stepsWithoutACheckpointAreNotThrownAwayUnasked() throws IOException {
        Path run = folder.resolve("run");
        claim(run).close();
        Files.writeString(run.resolve("metrics.jsonl"), "{\"step\":0,\"loss\":7.0}\n{\"step\":1,\"loss\":6.0}\n");
        var refusal = catchThrowableOfType(RequestException.class, () -> claim(run));
        assertThat(refusal.error())
                .isEqualTo(run + " holds a run of 2 steps that was killed before its first checkpoint");
        assertThat(refusal.hint()).isEqualTo("mv " + run + " " + run + ".old, or choose another --out");
        RunDirectory.claim(run, "pretrain", Leftover.SET_ASIDE).close();
        assertThat(folder.resolve("run.attempt-1/metrics.jsonl")).isNotEmptyFile();
        assertThat(run.resolve("metrics.jsonl")).doesNotExist();
    }

    @Test
    void aPathInsideARunIsRecognized() throws IOException {
        Path run = folder.resolve("run");
        Path checkpoint = Files.createDirectories(run.resolve("checkpoints/step-0000100"));
        Files.writeString(run.resolve("config.yaml"), "");
        RunDirectory.requireRun(run, "tune");
        var at = catchThrowableOfType(RequestException.class, () -> RunDirectory.requireRun(checkpoint, "tune"));
        assertThat(at.error()).isEqualTo(checkpoint + " is a checkpoint of the run " + run);
        assertThat(at.hint())
                .isEqualTo(
                        "./cria tune --resume %s --at 100 --out NEW_RUN forks it there; --resume %s continues from the newest"
                                .formatted(run, run));
        var inside = catchThrowableOfType(
                RequestException.class, () -> RunDirectory.requireRun(run.resolve("checkpoints"), "tune"));
        assertThat(inside.error()).isEqualTo(run.resolve("checkpoints") + " is inside the run " + run);
        var none = catchThrowableOfType(RequestException.class, () -> RunDirectory.requireRun(folder, "tune"));
        assertThat(none.error()).isEqualTo(folder + " is not a run directory: config.yaml is missing");
    }

    @Test
    void aRunOfAnotherKindIsRefusedWithItsOwnCommand() throws IOException {
        Path run = Files.createDirectories(folder.resolve("run"));
        Files.writeString(run.resolve("config.yaml"), "");
        Files.writeString(
                run.resolve("events.jsonl"),
                "{\"event\":\"started\",\"step\":0,\"command\":\"./cria launch pretrain --config tune.yaml\"}\n");
        RunDirectory.requireRun(run, "pretrain");
        var other = catchThrowableOfType(RequestException.class, () -> RunDirectory.requireRun(run, "tune"));
        assertThat(other.error()).isEqualTo(run + " is a run of pretrain, not of tune");
        assertThat(other.hint()).isEqualTo("./cria pretrain --resume " + run);
    }

    @Test
    void lookingWritesNothing() throws IOException {
        Path run = folder.resolve("run");
        free(run);
        assertThat(run).doesNotExist();
        Files.createDirectory(run);
        RunDirectory.hold(run).close();
        assertThat(run).isEmptyDirectory();
    }

    private static RunDirectory claim(Path run) {
        return RunDirectory.claim(run, "pretrain", Leftover.REFUSED);
    }

    private static void free(Path run) {
        RunDirectory.requireFree(run, "pretrain", Leftover.REFUSED);
    }
}
