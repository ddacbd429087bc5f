package dev.cria.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WandbFileTest {
    @TempDir
    private Path folder;

    /** Records of all lengths around a block's end, read by the format's definition. */
    @Test
    void recordsAreFramedInBlocksWithTheirSums() throws IOException {
        Path file = folder.resolve("run-1.wandb");
        try (WandbFile wandb = WandbFile.create(file)) {
            wandb.run("1", "cria", "nano", Map.of("seed", "3"));
            for (int i = 0; i < 300; i++) {
                wandb.history(i, Map.of("text", "\"" + "x".repeat(i % 7 == 0 ? 33_000 + i : i) + "\""));
            }
            wandb.summary(Map.of("loss", "1.5"));
        }
        List<byte[]> records = read(Files.readAllBytes(file));
        assertThat(records).hasSize(1 + 1 + 300 + 1 + 1);
        assertThat(new String(records.get(1), StandardCharsets.UTF_8)).contains("nano", "seed");
        for (int i = 0; i < 300; i++) {
            int length = i % 7 == 0 ? 33_000 + i : i;
            assertThat(new String(records.get(2 + i), StandardCharsets.UTF_8))
                    .contains("\"" + "x".repeat(length) + "\"");
        }
    }

    private static List<byte[]> read(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(in.getInt()).isEqualTo(0x4226573a);
        assertThat(in.getShort()).isEqualTo((short) 0xBEE1);
        assertThat(in.get()).isZero();
        List<byte[]> records = new ArrayList<>();
        var record = new ByteArrayOutputStream();
        while (in.hasRemaining()) {
            int left = 32768 - in.position() % 32768;
            if (left < 7) {
                in.position(in.position() + left);
                continue;
            }
            int sum = in.getInt();
            byte[] data = new byte[Short.toUnsignedInt(in.getShort())];
            int type = in.get();
            in.get(data);
            var crc = new CRC32();
            crc.update(type);
            crc.update(data);
            assertThat((int) crc.getValue()).isEqualTo(sum);
            assertThat(type).isIn(record.size() == 0 ? List.of(1, 2) : List.of(3, 4));
            record.writeBytes(data);
            if (type == 1 || type == 4) {
                records.add(record.toByteArray());
                record.reset();
            }
        }
        return records;
    }
}
