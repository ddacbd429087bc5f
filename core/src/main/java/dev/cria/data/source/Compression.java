package dev.cria.data.source;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;

/** How a file is compressed, told by its name. */
enum Compression {
    NONE(""),
    GZIP(".gz"),
    ZSTD(".zst");

    private static final int BUFFER = 1 << 16;

    private final String suffix;

    Compression(String suffix) {
        this.suffix = suffix;
    }

    static Compression of(String fileName) {
        String name = fileName.toLowerCase(Locale.ROOT);
        return name.endsWith(GZIP.suffix) ? GZIP : name.endsWith(ZSTD.suffix) ? ZSTD : NONE;
    }

    /** The name without the compression's suffix. */
    String strip(String fileName) {
        return fileName.substring(0, fileName.length() - suffix.length());
    }

    /** The file's bytes as they were before compression. Several members or frames in a row count as one. */
    InputStream open(InputFile file) throws IOException {
        InputStream raw = new KnownLength(file.newStream(), file.getLength());
        try {
            return switch (this) {
                case NONE -> raw;
                case GZIP -> new GZIPInputStream(new BufferedInputStream(raw, BUFFER), BUFFER);
                case ZSTD -> new ZstdInputStream(new BufferedInputStream(raw, BUFFER));
            };
        } catch (IOException e) {
            raw.close();
            throw e;
        }
    }

    /**
     * A stream that tells how much is left. Parquet's streams say 0, and a gzip reader that stands exactly at the end of
     * a member asks just this to know whether another one follows.
     */
    private static final class KnownLength extends FilterInputStream {
        private final SeekableInputStream stream;
        private final long length;

        KnownLength(SeekableInputStream stream, long length) {
            super(stream);
            this.stream = stream;
            this.length = length;
        }

        @Override
        public int available() throws IOException {
            return (int) Math.min(Integer.MAX_VALUE, length - stream.getPos());
        }
    }
}
