package dev.cria.data.source;

import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorInputStream;
import org.tukaani.xz.SingleXZInputStream;

/** How a file is compressed, told by its first bytes; the name only says what to expect. */
enum Compression {
    NONE("", List.of(), ""),
    GZIP("gzip", List.of(".gz"), "gzip -dc", 0x1F, 0x8B),
    ZSTD("zstd", List.of(".zst", ".zstd"), "zstd -dc --long=31", 0x28, 0xB5, 0x2F, 0xFD),
    BZIP2("bzip2", List.of(".bz2"), "bzip2 -dc", 'B', 'Z', 'h'),
    XZ("xz", List.of(".xz"), "xz -dc", 0xFD, '7', 'z', 'X', 'Z', 0),
    LZ4("lz4", List.of(".lz4"), "lz4 -dc", 0x04, 0x22, 0x4D, 0x18);

    private static final int HEAD = 6;
    private static final int KIBI = 1024;
    private static final int DISK_BLOCK = 512;
    private static final int XZ_BLOCK = 4;

    private final String title;
    private final List<String> suffixes;
    private final String printer;
    private final byte[] magic;

    Compression(String title, List<String> suffixes, String printer, int... magic) {
        this.title = title;
        this.suffixes = suffixes;
        this.printer = printer;
        this.magic = new byte[magic.length];
        for (int i = 0; i < magic.length; i++) {
            this.magic[i] = (byte) magic[i];
        }
    }

    /** The compression that a name tells of. */
    static Compression named(String fileName) {
        String name = fileName.toLowerCase(Locale.ROOT);
        for (Compression compression : values()) {
            if (compression.suffixes.stream().anyMatch(name::endsWith)) {
                return compression;
            }
        }
        return NONE;
    }

    /** The name without the compression's suffix. */
    String strip(String fileName) {
        String name = fileName.toLowerCase(Locale.ROOT);
        int length = suffixes.stream()
                .filter(name::endsWith)
                .mapToInt(String::length)
                .findFirst()
                .orElse(0);
        return fileName.substring(0, fileName.length() - length);
    }

    /**
     * The compression that the file's first bytes tell of; they stay to be read.
     *
     * @param name of the file, for the one beginning that two compressions share
     */
    static Compression of(FileBytes file, String name) throws IOException {
        byte[] head = new byte[HEAD];
        int read = file.readNBytes(head, 0, HEAD);
        file.unread(head, 0, read);
        if (isSkippable(head, read)) {
            return named(name) == LZ4 ? LZ4 : ZSTD;
        }
        for (Compression compression : values()) {
            int length = compression.magic.length;
            if (length > 0 && read >= length && Arrays.equals(head, 0, length, compression.magic, 0, length)) {
                return compression;
            }
        }
        return NONE;
    }

    /** A frame of remarks, which zstd's parallel tools write first; lz4 has the same. */
    private static boolean isSkippable(byte[] head, int read) {
        return read >= 4 && (head[0] & 0xF0) == 0x50 && head[1] == 0x2A && head[2] == 0x4D && head[3] == 0x18;
    }

    /** The file's bytes as they were before compression. Several members or frames in a row count as one. */
    Decompression open(FileBytes file) throws IOException {
        return switch (this) {
            case NONE -> new Plain(file);
            case GZIP -> new Members(file, DISK_BLOCK, GzipMember::new);
            case ZSTD -> new ZstdFrames(file);
            case BZIP2 -> new Members(file, DISK_BLOCK, BZip2CompressorInputStream::new);
            case XZ -> new Members(file, XZ_BLOCK, member -> new SingleXZInputStream(member, memoryLimit()));
            case LZ4 -> new Members(file, DISK_BLOCK, FramedLZ4CompressorInputStream::new);
        };
    }

    /** KiB that a file's dictionary may take, whatever the file says that it needs. */
    private static int memoryLimit() {
        return Math.toIntExact(Math.min(Integer.MAX_VALUE, Runtime.getRuntime().maxMemory() / 4 / KIBI));
    }

    private record Plain(FileBytes file) implements Decompression {
        @Override
        public int read(byte[] bytes, int offset, int count) throws IOException {
            return file.read(bytes, offset, count);
        }

        @Override
        public long position() {
            return file.position();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    /** Why reading stopped, in words. */
    String reason(IOException e) {
        String said = e.getMessage() == null ? "" : e.getMessage();
        boolean early = e instanceof EOFException
                || said.toLowerCase(Locale.ROOT).matches(".*(end of (file|stream|data)|premature|truncated).*");
        return early ? "it ends inside its " + title + " data" : said + " (" + title + ")";
    }

    /** What the format is called. */
    String title() {
        return title;
    }

    /** A command that shows one line of a file of the kind. */
    String showLine(String fileName, long line) {
        boolean plain = fileName.matches("[A-Za-z0-9_./:@=+,-]+");
        String quoted = plain ? fileName : "'" + fileName.replace("'", "'\\''") + "'";
        String show = "sed -n " + line + "p";
        return this == NONE ? show + " " + quoted : printer + " " + quoted + " | " + show;
    }
}
