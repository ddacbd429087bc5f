package dev.cria.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.WorkException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SafetensorsTest {
    @TempDir
    Path directory;

    @Test
    void whatIsWrittenIsReadBack() {
        Path file = directory.resolve("m.safetensors");
        SafetensorsWriter.write(
                file,
                List.of(
                        bytes("half", StorageType.BF16, 3, 1),
                        bytes("empty", StorageType.F32, 0, 5),
                        floats("b", 1, 2, 3, 4, 5, 6),
                        bytes("scalar", StorageType.I8)),
                Map.of("format", "pt"));
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(read.names()).containsExactlyInAnyOrder("half", "empty", "b", "scalar");
            assertThat(read.entry("b")).isEqualTo(new TensorEntry("b", StorageType.F32, new long[] {6}));
            assertThat(read.data("b").toArray(ValueLayout.JAVA_FLOAT_UNALIGNED)).containsExactly(1, 2, 3, 4, 5, 6);
            assertThat(read.data("half").byteSize()).isEqualTo(6);
            assertThat(read.data("empty").byteSize()).isZero();
            assertThat(read.entry("scalar").shape()).isEmpty();
            assertThat(read.metadata()).containsExactly(Map.entry("format", "pt"));
            assertThatThrownBy(() -> read.data("c")).hasMessageContaining("has no tensor 'c'");
        }
    }

    /** Three processes, each with other tensors, in files of several shards; a whole writer makes the same bytes. */
    @ParameterizedTest
    @CsvSource({"1", "30", "1000"})
    void whatSeveralFillInIsWhatOneWrites(long shardBytes) throws IOException {
        List<TensorSource> whole = List.of(
                bytes("x", StorageType.U8, 3),
                floats("b", 1, 2, 3),
                bytes("none", StorageType.F32, 0),
                floats("a", 4, 5),
                bytes("l", StorageType.I64, 2));
        Map<String, String> metadata = Map.of("format", "pt");
        Path one = Files.createDirectory(directory.resolve("one"));
        Path several = Files.createDirectory(directory.resolve("several"));
        List<Path> written = SafetensorsWriter.writeDirectory(one, "m", whole, metadata, shardBytes);
        List<Path> made = SafetensorsWriter.makeRoom(several, "m", partOf(whole, 0), metadata, shardBytes);
        for (int rank = 2; rank >= 0; rank--) {
            SafetensorsWriter.fill(several, "m", partOf(whole, rank), shardBytes);
        }
        assertThat(made).hasSameSizeAs(written);
        for (int i = 0; i < made.size(); i++) {
            assertThat(made.get(i)).hasFileName(written.get(i).getFileName().toString());
            assertThat(made.get(i)).hasSameBinaryContentAs(written.get(i));
        }
    }

    private static List<TensorSource> partOf(List<TensorSource> whole, int rank) {
        List<TensorSource> part = new ArrayList<>();
        for (int i = 0; i < whole.size(); i++) {
            TensorEntry entry = whole.get(i).entry();
            part.add(i % 3 == rank ? whole.get(i) : TensorSource.elsewhere(entry.name(), entry.type(), entry.shape()));
        }
        return part;
    }

    @Test
    void everyTensorIsAlignedToItsTypeAndEqualStatesAreEqualBytes() throws IOException {
        List<TensorSource> tensors =
                List.of(bytes("x", StorageType.U8, 3), floats("b", 1), floats("a", 2), bytes("l", StorageType.I64, 1));
        Path file = directory.resolve("1.safetensors");
        SafetensorsWriter.write(file, tensors, Map.of());
        SafetensorsWriter.write(directory.resolve("2.safetensors"), tensors, Map.of());
        assertThat(directory.resolve("2.safetensors")).hasSameBinaryContentAs(file);
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(read.names()).containsExactly("l", "b", "a", "x");
            for (String name : read.names()) {
                assertThat(read.data(name).address() % read.entry(name).type().bytes())
                        .isZero();
            }
        }
        assertThat(ByteBuffer.wrap(Files.readAllBytes(file))
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .getLong()
                        % 8)
                .isZero();
    }

    @Test
    void tensorsThatFollowEachOtherAreOnePieceAndOthersNone() {
        Path file = directory.resolve("m.safetensors");
        SafetensorsWriter.write(file, List.of(floats("a", 1), floats("b", 2, 3), floats("c", 4)), Map.of());
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(read.adjacent(List.of("b", "c")).orElseThrow().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED))
                    .containsExactly(2, 3, 4);
            assertThat(read.adjacent(List.of("a", "c"))).isEmpty();
            assertThat(read.adjacent(List.of("b", "a"))).isEmpty();
            assertThat(read.adjacent(List.of("c"))).isPresent();
        }
    }

    @Test
    void aLargeModelIsSplitAndItsIndexFound() throws IOException {
        List<TensorSource> tensors = List.of(floats("a", 1, 2), floats("b", 3), floats("c", 4, 5, 6), floats("d", 7));
        List<Path> written = SafetensorsWriter.writeDirectory(directory, "model", tensors, Map.of(), 12);
        assertThat(written)
                .extracting(p -> p.getFileName().toString())
                .containsExactly(
                        "model-00001-of-00003.safetensors",
                        "model-00002-of-00003.safetensors",
                        "model-00003-of-00003.safetensors",
                        "model.safetensors.index.json");
        assertThat(Files.readString(written.getLast())).contains("\"total_size\" : 28");
        try (SafetensorsDirectory read = SafetensorsDirectory.open(directory, "model")) {
            assertThat(read.names()).containsExactlyInAnyOrder("a", "b", "c", "d");
            assertThat(read.data("c").toArray(ValueLayout.JAVA_FLOAT_UNALIGNED)).containsExactly(4, 5, 6);
        }
    }

    @Test
    void anIndexMayNotPointElsewhere() throws IOException {
        for (String name : List.of("../m.safetensors", "/etc/passwd", "sub/m.safetensors", "", ".m.safetensors")) {
            Files.writeString(
                    directory.resolve("model.safetensors.index.json"), "{\"weight_map\": {\"a\": \"" + name + "\"}}");
            assertThatThrownBy(() -> SafetensorsDirectory.open(directory, "model"))
                    .isInstanceOf(WorkException.class)
                    .hasMessageContaining("which is not beside it");
        }
    }

    @Test
    void anIndexThatMisplacesATensorIsRefused() throws IOException {
        SafetensorsWriter.write(directory.resolve("m.safetensors"), List.of(floats("a", 1)), Map.of());
        Files.writeString(
                directory.resolve("model.safetensors.index.json"), "{\"weight_map\": {\"b\": \"m.safetensors\"}}");
        assertThatThrownBy(() -> SafetensorsDirectory.open(directory, "model"))
                .hasMessageContaining("it says that b is in m.safetensors");
    }

    @Test
    void aDirectoryWithoutWeightsIsRefused() {
        assertThatThrownBy(() -> SafetensorsDirectory.open(directory, "model"))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("has neither model.safetensors nor model.safetensors.index.json");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,9]}} | outside the 8 bytes",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}} | not what its shape says",
                "{\"a\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,8]}} | not what its shape says",
                "{\"a\":{\"dtype\":\"F33\",\"shape\":[2],\"data_offsets\":[0,8]}} | dtype 'F33'",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} | end at 4 of 8",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | begins at 4",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}} | outside",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}} | no pair",
                "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}} | no shape",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}} | not a size",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}} | VALUE_NUMBER_FLOAT",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,8]}} | not a size",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[4294967296,4294967296,8],\"data_offsets\":[0,8]}} | its shape"
                        + " says",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8],\"x\":1}} | unknown key 'x'",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]},"
                        + "\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}} | begins at 4",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
                        + "\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}} | not JSON as the format",
                "{\"a\":3} | a is VALUE_NUMBER_INT",
                "{\"__metadata__\":{\"a\":3}} | __metadata__.a",
                "{} | end at 0 of 8",
                "{} {} | something follows",
                "{\"a\" | not JSON",
                "[] | begin with {"
            })
    void refusesHeadersThatLie(String header, String reason) throws IOException {
        Path file = directory.resolve("bad.safetensors");
        Files.write(file, file(header.strip(), 8));
        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .isInstanceOf(WorkException.class)
                .hasMessageContaining("bad.safetensors is damaged or not a safetensors file")
                .hasMessageContaining(reason);
    }

    @Test
    void refusesAbsurdHeaderLengthsBeforeAllocatingThem() throws IOException {
        Path file = directory.resolve("bad.safetensors");
        for (long length : new long[] {Long.MAX_VALUE, -1, 1L << 40, 99_999_999, 3, 1, 0}) {
            byte[] bytes = file("{}", 0);
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
            Files.write(file, bytes);
            assertThatThrownBy(() -> SafetensorsFile.open(file))
                    .isInstanceOf(WorkException.class)
                    .hasMessageContaining("its header claims");
        }
        Files.write(file, new byte[7]);
        assertThatThrownBy(() -> SafetensorsFile.open(file)).hasMessageContaining("it has 7 bytes");
    }

    /** A changed byte either leaves a file that can be read whole or is refused in words; nothing else. */
    @Test
    void aFileWithAnyByteChangedIsReadOrRefused() throws IOException {
        Path file = directory.resolve("m.safetensors");
        SafetensorsWriter.write(file, List.of(floats("a", 1, 2), bytes("b", StorageType.U8, 5)), Map.of("k", "v"));
        byte[] good = Files.readAllBytes(file);
        Random random = new Random(7);
        int refused = 0;
        for (int round = 0; round < 3_000; round++) {
            byte[] bad = random.nextInt(10) == 0 ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
            for (int change = random.nextInt(3); change >= 0 && bad.length > 0; change--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            Files.write(file, bad);
            try (SafetensorsFile read = SafetensorsFile.open(file)) {
                read.names().forEach(n -> read.data(n).toArray(ValueLayout.JAVA_BYTE));
            } catch (WorkException _) {
                refused++;
            }
        }
        assertThat(refused).isBetween(1_000, 2_999);
    }

    @Test
    void aTensorThatComesShortIsABug() {
        TensorSource liar =
                TensorSource.of("a", StorageType.F32, new long[] {2}, () -> MemorySegment.ofArray(new int[1]));
        assertThatThrownBy(() -> SafetensorsWriter.write(directory.resolve("m.safetensors"), List.of(liar), Map.of()))
                .hasMessage("a F32[2] came with 4 bytes");
        assertThat(directory.resolve("m.safetensors")).doesNotExist();
    }

    private static TensorSource floats(String name, float... values) {
        return TensorSource.of(name, StorageType.F32, new long[] {values.length}, () -> MemorySegment.ofArray(values));
    }

    private static TensorSource bytes(String name, StorageType type, long... shape) {
        return TensorSource.of(name, type, shape, () -> MemorySegment.ofArray(new byte[(int) type.bytesOf(shape)]));
    }

    private static byte[] file(String header, int dataBytes) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Long.BYTES + json.length + dataBytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .array();
    }
}
