package dev.cria.data.source;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.brotli.dec.BrotliInputStream;

/** The library's codecs, and Brotli, for which it wants another library that is not there. */
record ParquetCodecs(CompressionCodecFactory others) implements CompressionCodecFactory {
    static final String UNREAD = "no decoder for pages compressed by ";

    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName codec) {
        return others.getCompressor(codec);
    }

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
        return switch (codec) {
            case BROTLI -> new Brotli();
            case LZO -> throw unread("LZO");
            case LZ4 -> throw unread("LZ4 in Hadoop's frames, which newer programs do not write");
            default -> others.getDecompressor(codec);
        };
    }

    private static UnsupportedOperationException unread(String codec) {
        return new UnsupportedOperationException(UNREAD + codec);
    }

    @Override
    public void release() {
        others.release();
    }

    private static final class Brotli implements BytesInputDecompressor {
        @Override
        public BytesInput decompress(BytesInput bytes, int uncompressedSize) throws IOException {
            return BytesInput.from(decompress(bytes.toByteArray(), uncompressedSize));
        }

        @Override
        public void decompress(ByteBuffer input, int compressedSize, ByteBuffer output, int uncompressedSize)
                throws IOException {
            byte[] bytes = new byte[compressedSize];
            input.get(bytes);
            output.put(decompress(bytes, uncompressedSize));
        }

        private static byte[] decompress(byte[] bytes, int uncompressedSize) throws IOException {
            try (InputStream in = new BrotliInputStream(new ByteArrayInputStream(bytes))) {
                byte[] page = in.readNBytes(uncompressedSize);
                if (page.length < uncompressedSize) {
                    throw new IOException("a Brotli page ends early");
                }
                return page;
            }
        }

        @Override
        public void release() {
            // Each page has a decoder of its own.
        }
    }
}
