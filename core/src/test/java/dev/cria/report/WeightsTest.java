package dev.cria.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.WorkException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WeightsTest {
    @TempDir
    Path directory;

    static void write(Path file, String header) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(file, bytes.putLong(json.length).put(json).array());
    }

    @Test
    void addsUpTheFilesOfAShardedModel() throws IOException {
        write(
                directory.resolve("model-00001-of-00002.safetensors"),
                "{\"model.embed_tokens.weight\": {\"shape\": [7, 3]}, \"model.norm.weight\": {\"shape\": [3]}}");
        write(
                directory.resolve("model-00002-of-00002.safetensors"),
                "{\"__metadata__\": {}, \"lm_head.weight\": {\"shape\": [7, 3]}, \"a.weight\": {\"shape\": [3, 5]}}");
        assertThat(Weights.of(directory)).hasValue(new Weights(21 + 3 + 21 + 15, 21 + 15));
    }

    @Test
    void tiedHeadIsAProductThoughItIsStoredOnce() throws IOException {
        write(
                directory.resolve("model.safetensors"),
                "{\"wte.weight\": {\"shape\": [7, 3]}, \"wpe.weight\": {\"shape\": [4, 3]}, \"h.0.w\": {\"shape\": [3,"
                        + " 5]}}");
        assertThat(Weights.of(directory)).hasValue(new Weights(21 + 12 + 15, 21 + 15));
    }

    @Test
    void optimizerIsNoModel() throws IOException {
        write(directory.resolve("optimizer.safetensors"), "{\"m\": {\"shape\": [7, 3]}}");
        assertThat(Weights.of(directory)).isEmpty();
    }

    @Test
    void refusesAHeaderThatLiesAboutItsLength() throws IOException {
        Path file = directory.resolve("model.safetensors");
        Files.write(
                file,
                ByteBuffer.allocate(12)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(1L << 50)
                        .array());
        assertThatThrownBy(() -> Weights.of(directory))
                .isInstanceOf(WorkException.class)
                .hasMessage(file + " cannot be read: its header claims " + (1L << 50) + " bytes");
    }

    /** dmas-1.7b's tensors give the contract's 10.58 GFLOP a token. */
    @Test
    void flopsOfThePapersModelAreAsStated() {
        long layer = 2L * 2048 * 2048 + 2L * 512 * 2048 + 3L * 5120 * 2048;
        Weights weights = new Weights(0, 36 * layer + 50304L * 2048);
        assertThat(weights.flopsPerToken(36, 2048, 1024) / 1e9).isBetween(10.575, 10.585);
    }
}
