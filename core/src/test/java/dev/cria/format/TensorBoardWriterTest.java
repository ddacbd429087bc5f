package dev.cria.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TensorBoardWriterTest {
    private static final Instant NOON = Instant.ofEpochSecond(1_763_726_400L, 500_000_000);

    @TempDir
    Path directory;

    @Test
    void masksTheChecksumAsTensorFlowDoes() {
        // CRC-32C of "123456789" is 0xe3069283, RFC 3720's check value.
        byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
        assertThat(TensorBoardWriter.masked(digits)).isEqualTo(Integer.rotateRight(0xe3069283, 15) + 0xa282ead8);
    }

    /** Encoded by hand from event.proto and summary.proto. */
    @Test
    void scalarIsTheBytesOfTheProtobuf() throws IOException {
        write(board -> board.scalar("train/loss", 300, 3.25));
        assertThat(HexFormat.of().formatHex(records(file(0)).get(1)))
                .isEqualTo(
                        "09000020101548da41" // wall_time 1763726400.5
                                + "10ac02" // step 300
                                + "2a13" + "0a11" // summary, value
                                + "0a0a747261696e2f6c6f7373" // tag
                                + "1500005040"); // simple_value 3.25
    }

    @Test
    void textIsATensorOfOneStringForTheTextPlugin() throws IOException {
        write(board -> board.text("samples", 0, "été <b>"));
        assertThat(HexFormat.of().formatHex(records(file(0)).get(1)))
                .isEqualTo("09000020101548da41" + "1000" + "2a26" + "0a24"
                        + "0a0773616d706c6573"
                        + "420f" + "0807" + "1200" + "4209c3a974c3a9203c623e"
                        + "4a08" + "0a06" + "0a0474657874");
    }

    @Test
    void firstRecordTellsTheVersion() throws IOException {
        write(_ -> {});
        assertThat(new String(records(file(0)).getFirst(), StandardCharsets.ISO_8859_1))
                .endsWith("brain.Event:2");
    }

    @Test
    void eachWriterHasAFileThatIsReadAfterTheEarlierOnes() throws IOException {
        write(board -> board.scalar("a", 1, 1));
        byte[] torn = Files.readAllBytes(file(0));
        Files.write(file(0), Arrays.copyOf(torn, torn.length - 3));
        write(board -> {
            assertThat(board.earlier()).containsExactly(file(0));
            board.starts(1);
            board.scalar("a", 1, 2);
        });
        assertThat(Files.size(file(0))).isEqualTo(torn.length - 3);
        assertThat(file(1).compareTo(file(0))).isPositive();
        assertThat(records(file(1))).hasSize(3);
        assertThat(HexFormat.of().formatHex(records(file(1)).get(1))).endsWith("1001" + "3a020801");
    }

    private void write(Consumer<TensorBoardWriter> work) {
        try (TensorBoardWriter board = TensorBoardWriter.open(directory, () -> NOON)) {
            work.accept(board);
        }
    }

    private Path file(int number) {
        return directory.resolve("events.out.tfevents." + (1763726400 + number) + ".cria."
                + ProcessHandle.current().pid() + ".0");
    }

    /** Takes the framing apart, and fails on a wrong checksum. */
    private static List<byte[]> records(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<byte[]> records = new ArrayList<>();
        while (bytes.hasRemaining()) {
            byte[] length = new byte[8];
            bytes.get(length);
            assertThat(bytes.getInt()).isEqualTo(TensorBoardWriter.masked(length));
            byte[] message = new byte
                    [(int) ByteBuffer.wrap(length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong()];
            bytes.get(message);
            assertThat(bytes.getInt()).isEqualTo(TensorBoardWriter.masked(message));
            records.add(message);
        }
        return records;
    }
}
