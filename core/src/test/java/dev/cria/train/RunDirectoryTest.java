package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cria.RequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunDirectoryTest {
    @TempDir
    private Path folder;

    @Test
    void whileOneHoldsItNobodyElseCan() throws IOException {
        Path run = folder.resolve("run");
        try (RunDirectory held = RunDirectory.create(run)) {
            Files.writeString(held.path().resolve("config.yaml"), "");
            var refusal = catchThrowableOfType(RequestException.class, () -> RunDirectory.existing(run));
            assertThat(refusal.error()).isEqualTo(run + " is being written by another process");
            assertThat(refusal.hint()).isEqualTo("./cria watch " + run + " shows it");
        }
        RunDirectory.existing(run).close();
    }

    @Test
    void aDirectoryWithARunIsNotTakenForANewOneNorOneWithoutForAnOld() throws IOException {
        Path run = folder.resolve("run");
        Files.createDirectories(run.resolve("checkpoints"));
        var taken = catchThrowableOfType(RequestException.class, () -> RunDirectory.create(run));
        assertThat(taken.error()).isEqualTo(run + " holds a run already");
        assertThat(taken.hint())
                .isEqualTo("./cria pretrain --resume " + run + " continues it; or choose another --out");
        var none = catchThrowableOfType(RequestException.class, () -> RunDirectory.existing(run));
        assertThat(none.error()).isEqualTo(run + " is no run: it has no config.yaml");
    }

    @Test
    void aForkBeginsWithTheRecordsOfItsParentButNotWithItsLock() throws IOException {
        try (RunDirectory parent = RunDirectory.create(folder.resolve("parent"));
                RunDirectory fork = RunDirectory.create(folder.resolve("fork"))) {
            Files.writeString(parent.path().resolve("log.txt"), "0 train 1\n");
            fork.copyRecordsFrom(parent.path());
            assertThat(fork.path().resolve("log.txt")).hasContent("0 train 1\n");
            assertThat(fork.path().resolve(".lock")).isEmptyFile();
        }
    }
}
