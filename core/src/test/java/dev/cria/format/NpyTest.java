package dev.cria.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.WorkException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NpyTest {
    @TempDir
    Path directory;

    /** What numpy 2.x writes for numpy.save("x.npy", numpy.array([1, 513, 65535], dtype="<u2")). */
    @Test
    void writesTheBytesThatNumpyWrites() throws IOException {
        Path file = directory.resolve("x.npy");
        Npy.write(file, NpyType.UINT16, new int[] {1, 513, 65535});
        byte[] header = ("\u0093NUMPY\u0001\u0000v\u0000{'descr': '<u2', 'fortran_order': False, 'shape': (3,), }"
                        + " ".repeat(60) + "\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        byte[] expected = Arrays.copyOf(header, header.length + 6);
        System.arraycopy(new byte[] {1, 0, 1, 2, -1, -1}, 0, expected, header.length, 6);
        assertThat(header).hasSize(128);
        assertThat(Files.readAllBytes(file)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 13, 207, 300_001})
    void whatIsWrittenIsReadBack(int count) {
        int[] tokens = new int[count];
        Arrays.setAll(tokens, i -> (i * 7919) & 0xFFFF);
        for (NpyType type : new NpyType[] {NpyType.UINT16, NpyType.UINT32}) {
            Path file = directory.resolve(type + ".npy");
            Npy.write(file, type, tokens);
            try (Arena arena = Arena.ofConfined()) {
                Npy read = Npy.map(file, arena);
                assertThat(read.shape()).containsExactly(count);
                assertThat(read.type()).isEqualTo(type);
                for (int i = 0; i < count; i++) {
                    if (read.tokenAt(i) != tokens[i]) {
                        assertThat(read.tokenAt(i)).as("token %d", i).isEqualTo(tokens[i]);
                    }
                }
            }
        }
    }

    @Test
    void readsFloatsOfSeveralDimensions() throws IOException {
        Path file = directory.resolve("f.npy");
        Files.write(file, npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }", new byte[] {
            0, 0, (byte) 0x80, 0x3f, 0, 0, 0, (byte) 0xc0
        }));
        try (Arena arena = Arena.ofConfined()) {
            Npy read = Npy.map(file, arena);
            assertThat(read.shape()).containsExactly(2, 1);
            assertThat(read.floats()).containsExactly(1f, -2f);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'descr': '<u2', 'fortran_order': False, 'shape': (3,), }",
                "{'descr': '<u2', 'fortran_order': False, 'shape': (1,), }",
                "{'descr': '<u2', 'fortran_order': False, 'shape': (9223372036854775807, 3), }",
                "{'descr': '<u2', 'fortran_order': False, 'shape': (99999999999999999999,), }",
                "{'descr': '<u2', 'fortran_order': True, 'shape': (2,), }",
                "{'descr': '>u2', 'fortran_order': False, 'shape': (2,), }",
                "{'descr': '|O', 'fortran_order': False, 'shape': (2,), }",
                "{'descr': '<u2', 'fortran_order': False, 'shape': (-2,), }",
                "{'descr': '<u2', 'shape': (2,), }",
                "__import__('os')",
                ""
            })
    void refusesHeadersThatLieOrAreNone(String keys) throws IOException {
        Path file = directory.resolve("bad.npy");
        Files.write(file, npy(keys, new byte[4]));
        assertRefused(file);
    }

    @Test
    void refusesFilesThatAreNoArrays() throws IOException {
        Path file = directory.resolve("bad.npy");
        byte[] good = npy("{'descr': '<u2', 'fortran_order': False, 'shape': (2,), }", new byte[4]);
        for (int length = 0; length < good.length; length++) {
            Files.write(file, Arrays.copyOf(good, length));
            assertRefused(file);
        }
        byte[] newer = good.clone();
        newer[6] = 2;
        Files.write(file, newer);
        assertRefused(file);
        assertThatThrownBy(() -> Npy.map(directory.resolve("none.npy"), Arena.global()))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("none.npy is not there");
    }

    @Test
    void anUncommittedFileLeavesNothing() throws IOException {
        try (NpyWriter writer = NpyWriter.create(directory.resolve("a/x.npy"), NpyType.UINT16)) {
            writer.append(new int[] {1, 2}, 0, 2);
        }
        try (var files = Files.list(directory.resolve("a"))) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void refusesToWriteAnIdThatDoesNotFit() {
        assertThatThrownBy(() -> Npy.write(directory.resolve("x.npy"), NpyType.UINT16, new int[] {65536}))
                .hasMessage("65536 does not fit UINT16");
    }

    private static void assertRefused(Path file) {
        assertThatThrownBy(() -> Npy.map(file, Arena.global()))
                .isInstanceOf(WorkException.class)
                .hasMessageContaining("bad.npy is not a readable .npy file");
    }

    private static byte[] npy(String keys, byte[] data) {
        byte[] header = ("\u0093NUMPY\u0001\u0000" + (char) (keys.length() + 1) + "\u0000" + keys + "\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        byte[] all = Arrays.copyOf(header, header.length + data.length);
        System.arraycopy(data, 0, all, header.length, data.length);
        return all;
    }
}
