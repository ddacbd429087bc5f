package dev.cria.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WeightsIdTest {
    @TempDir
    private Path folder;

    @Test
    void aCheckpointIsKnownByItsStepAndItsManifest() throws IOException {
        Path checkpoint = Files.createDirectory(folder.resolve("step-0000040"));
        Path weights = Files.writeString(checkpoint.resolve("model.safetensors"), "w");
        Files.writeString(checkpoint.resolve("optimizer.safetensors"), "o");
        String sha256 = AtomicFiles.sha256(weights);
        assertThat(WeightsId.of(checkpoint)).contains(new WeightsId(OptionalLong.of(40), sha256));
        Files.writeString(
                checkpoint.resolve("manifest.json"),
                "{\"files\": {\"model.safetensors\": {\"sha256\": \"stated\", \"bytes\": 1}}}");
        assertThat(WeightsId.of(checkpoint)).contains(new WeightsId(OptionalLong.of(40), "stated"));
    }

    @Test
    void severalFilesHaveOneHashAndNoneHasNone() throws IOException {
        assertThat(WeightsId.of(folder)).isEmpty();
        assertThat(WeightsId.of(folder.resolve("none"))).isEmpty();
        Files.writeString(folder.resolve("model-00001-of-00002.safetensors"), "a");
        Files.writeString(folder.resolve("model-00002-of-00002.safetensors"), "b");
        WeightsId first = WeightsId.of(folder).orElseThrow();
        assertThat(first.step()).isEmpty();
        Files.writeString(folder.resolve("model-00002-of-00002.safetensors"), "c");
        assertThat(WeightsId.of(folder).orElseThrow().sha256()).isNotEqualTo(first.sha256());
    }
}
