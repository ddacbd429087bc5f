package dev.cria.data.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.WorkException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ContainersTest {
    private static final int MEMBERS = 5;
    private static final int DOCUMENTS = 20;

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource
    void membersInARowAreOneFileWhateverTheNameSays(Packed packed) throws IOException {
        for (String name : List.of("a.jsonl" + packed.ending, "a.jsonl", "a.json.gz", "part-00000")) {
            assertThat(documents(write(name, members(packed)))).as(name).isEqualTo(MEMBERS * DOCUMENTS);
        }
        assertThat(Rows.of(write("a.txt" + packed.ending, packed.pack("words".getBytes(StandardCharsets.UTF_8)))))
                .singleElement()
                .extracting(row -> ((Row.Document) row).text())
                .isEqualTo("words");
    }

    @ParameterizedTest
    @EnumSource
    void aFileCutAnywhereButBetweenMembersIsDamagedAndWhatCameBeforeIsRead(Packed packed) throws IOException {
        byte[] whole = members(packed);
        int member = whole.length / MEMBERS;
        for (int length = 1; length < whole.length; length++) {
            Path file = write("cut.jsonl" + packed.ending, Arrays.copyOf(whole, length));
            List<Row> rows = Rows.of(file);
            if (length % member == 0) {
                assertThat(documents(file)).as("%d bytes", length).isEqualTo(length / member * DOCUMENTS);
                continue;
            }
            assertThat(rows.getLast())
                    .as("%d of %d bytes", length, whole.length)
                    .isInstanceOf(Row.Unreadable.class);
            assertThat(rows.getLast().row()).isEqualTo(-1);
            assertThat(((Row.Unreadable) rows.getLast()).refusal())
                    .isInstanceOf(WorkException.class)
                    .hasMessageContaining("cut.jsonl" + packed.ending + " is damaged");
            assertThat(rows.size() - 1)
                    .as("documents of %d bytes", length)
                    .isGreaterThanOrEqualTo(length / member * DOCUMENTS);
            assertThat(rows.subList(0, rows.size() - 1)).allMatch(Row.Document.class::isInstance);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBrokenHeaderOfTheNextMemberIsDamageToo(Packed packed) throws IOException {
        byte[] whole = members(packed);
        int member = whole.length / MEMBERS;
        for (int at = 0; at < 2; at++) {
            byte[] broken = whole.clone();
            broken[3 * member + at] ^= 0x10;
            List<Row> rows = Rows.of(write("broken.jsonl" + packed.ending, broken));
            assertThat(rows).hasSize(3 * DOCUMENTS + 1);
            assertThat(((Row.Unreadable) rows.getLast()).refusal())
                    .hasMessageContaining("is damaged at byte")
                    .hasMessageEndingWith(3 * DOCUMENTS + " documents were read before");
        }
    }

    @ParameterizedTest
    @EnumSource
    void anEmptyFileIsDamagedWhereItIsNamedAsCompressedAndHoldsNothingWhereNot(Packed packed) throws IOException {
        assertThat(Rows.of(write("a.jsonl" + packed.ending, new byte[0])))
                .singleElement()
                .extracting(row -> ((Row.Unreadable) row).refusal().getMessage())
                .asString()
                .contains("a.jsonl" + packed.ending + " is damaged: it is empty");
        assertThat(Rows.of(write("empty.jsonl", new byte[0]))).isEmpty();
        assertThat(Rows.of(write("empty.txt", new byte[0]))).isEmpty();
        assertThat(Rows.of(write("nothing.jsonl" + packed.ending, packed.pack(new byte[0]))))
                .isEmpty();
    }

    @Test
    void zerosAfterTheLastMemberArePaddingInGzipAndXz() throws IOException {
        for (Packed packed : List.of(Packed.GZIP, Packed.XZ)) {
            byte[] padded = Arrays.copyOf(members(packed), 1024);
            assertThat(documents(write("padded.jsonl", padded))).isEqualTo(MEMBERS * DOCUMENTS);
            assertThat(Rows.of(write("padded.jsonl", Arrays.copyOf(padded, 1023)))
                            .getLast())
                    .extracting(row -> ((Row.Unreadable) row).refusal().getMessage())
                    .asString()
                    .contains("zeros follow its last member, and fill no block of " + (packed == Packed.XZ ? 4 : 512));
        }
    }

    @Test
    void everyFieldOfAGzipHeaderIsSteppedOver() throws IOException {
        byte[] plain = Packed.GZIP.pack("{\"text\":\"a\"}\n".getBytes(StandardCharsets.UTF_8));
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(plain, 0, 3);
        file.write(4 + 8 + 16);
        file.write(plain, 4, 6);
        file.write(new byte[] {3, 0, 'x', 'y', 'z', 'n', 0, 'c', 'c', 0});
        file.write(plain, 10, plain.length - 10);
        assertThat(documents(write("fields.jsonl.gz", file.toByteArray()))).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(names = {"ZSTD", "LZ4"})
    void remarksBeforeAFrameAreSteppedOver(Packed packed) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(new byte[] {0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3});
        file.write(members(packed));
        assertThat(documents(write("remarks.jsonl" + packed.ending, file.toByteArray())))
                .isEqualTo(MEMBERS * DOCUMENTS);
    }

    @Test
    void whatIsNotTextIsRefusedByItsNameAndSaysWhatItIs() throws IOException {
        record Wrong(String name, String begins, String what) {}
        for (Wrong wrong : List.of(
                new Wrong("picture.txt", "\u0089PNG\r\n\u001A\n", "a PNG picture"),
                new Wrong("archive.jsonl", "PK\u0003\u0004more", "a zip archive"),
                new Wrong("some.txt", "a\0b", "byte 1 is zero"),
                new Wrong("data.bin", "\u0093NUMPY\1\0", "a NumPy array"),
                new Wrong("wide.txt", "\u00FF\u00FEh\0i\0", "UTF-16 text"),
                new Wrong("wider.txt", "\u00FF\u00FE\0\0h\0\0\0", "UTF-32 text"))) {
            Path file = write(wrong.name, wrong.begins.getBytes(StandardCharsets.ISO_8859_1));
            assertThat(Rows.of(file))
                    .singleElement()
                    .extracting(row -> ((Row.Unreadable) row).refusal().getMessage())
                    .asString()
                    .contains(wrong.name + " is not text but ")
                    .contains(wrong.what);
        }
    }

    @Test
    void textInASingleByteEncodingIsRepairedAsBefore() throws IOException {
        Path file = write("latin.txt", "Wäre größer für mich".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(Rows.of(file))
                .singleElement()
                .extracting(row -> ((Row.Document) row).encoding())
                .isEqualTo(Row.Encoding.REPAIRED);
    }

    private static byte[] members(Packed packed) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int m = 0; m < MEMBERS; m++) {
            StringBuilder lines = new StringBuilder();
            for (int i = 0; i < DOCUMENTS; i++) {
                lines.append("{\"text\":\"number ").append(i).append("\"}\n");
            }
            all.writeBytes(packed.pack(lines.toString().getBytes(StandardCharsets.UTF_8)));
        }
        return all.toByteArray();
    }

    private Path write(String name, byte[] bytes) throws IOException {
        return Files.write(directory.resolve(name), bytes);
    }

    private static long documents(Path file) {
        List<Row> rows = Rows.of(file);
        assertThat(rows).allMatch(Row.Document.class::isInstance);
        return rows.size();
    }
}
