package dev.cria.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.WorkException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AtomicFilesTest {
    @TempDir
    Path directory;

    @Test
    void aWriteThatFailsLeavesTheOldFileAndNoOther() throws IOException {
        Path file = directory.resolve("a/b.txt");
        AtomicFiles.write(file, "old");
        assertThatThrownBy(() -> AtomicFiles.write(file, channel -> {
                    channel.write(ByteBuffer.wrap(new byte[9]));
                    throw new IOException("No space left on device");
                }))
                .isInstanceOf(WorkException.class)
                .hasMessageContaining("b.txt: No space left on device");
        assertThatThrownBy(() -> AtomicFiles.write(file, channel -> {
                    channel.write(ByteBuffer.wrap(new byte[9]));
                    throw new IllegalStateException("a tensor came with 9 bytes, not 12");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> AtomicFiles.write(file, _ -> {
                    throw new NoClassDefFoundError("Vector");
                }))
                .isInstanceOf(NoClassDefFoundError.class);
        assertThat(file).hasContent("old");
        try (var files = Files.list(file.getParent())) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void replacesAFileWhole() {
        Path file = directory.resolve("b.txt");
        AtomicFiles.write(file, "a longer one");
        AtomicFiles.write(file, "new");
        assertThat(file).hasContent("new");
    }

    @Test
    void hashesAsSha256sumDoes() {
        Path file = directory.resolve("b.txt");
        AtomicFiles.write(file, "abc");
        assertThat(AtomicFiles.sha256(file))
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assertThatThrownBy(() -> AtomicFiles.sha256(directory.resolve("c.txt")))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("c.txt is not there");
    }
}
