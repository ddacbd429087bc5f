package dev.cria.format;

import dev.cria.WorkException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Writes a run as Weights &amp; Biases keeps one that was made without a network, {@code run-ID.wandb}; {@code wandb sync}
 * uploads it. Values are JSON texts by name.
 *
 * @see "wandb_internal.proto for the records, LevelDB's log_format.md for the framing, with CRC-32 in place of CRC-32C"
 */
public final class WandbFile implements AutoCloseable {
    private static final int BLOCK_BYTES = 32 << 10;
    private static final int FRAME_BYTES = 7;
    private static final short MAGIC = (short) 0xBEE1;
    private static final int FULL = 1;
    private static final int FIRST = 2;
    private static final int MIDDLE = 3;
    private static final int LAST = 4;

    private final Path file;
    private final OutputStream out;
    private int filled; // of the block
    private long records;

    private WandbFile(Path file, OutputStream out) {
        this.file = file;
        this.out = out;
    }

    /**
     * Begins a file, over any that is there.
     *
     * @throws WorkException if it cannot be written
     */
    public static WandbFile create(Path file) {
        try {
            Path directory = file.toAbsolutePath().getParent();
            if (directory != null) {
                Files.createDirectories(directory);
            }
            var wandb = new WandbFile(file, new BufferedOutputStream(Files.newOutputStream(file)));
            wandb.write(little(FRAME_BYTES)
                    .put(":W&B".getBytes(StandardCharsets.US_ASCII))
                    .putShort(MAGIC)
                    .put((byte) 0));
            var version = new ProtobufMessage().text(1, "0.19.0").text(2, "0.9.0");
            wandb.record(21, new ProtobufMessage().message(1, version));
            return wandb;
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    /** The run with its configuration, before all else. */
    public void run(String id, String project, String name, Map<String, String> config) {
        var settings = new ProtobufMessage();
        config.forEach((key, value) -> settings.message(1, item(key, value)));
        record(
                17,
                new ProtobufMessage()
                        .text(1, id)
                        .text(3, project)
                        .message(4, settings)
                        .text(8, name));
    }

    /** What was measured at a step; steps rise. */
    public void history(long step, Map<String, String> values) {
        var history = new ProtobufMessage();
        values.forEach((key, value) -> history.message(1, item(key, value)));
        record(2, history.message(2, new ProtobufMessage().integer(1, step)));
    }

    /** The last value of each. */
    public void summary(Map<String, String> values) {
        var summary = new ProtobufMessage();
        values.forEach((key, value) -> summary.message(1, item(key, value)));
        record(3, summary);
    }

    private static ProtobufMessage item(String key, String json) {
        return new ProtobufMessage().text(1, key).text(16, json);
    }

    private void record(int field, ProtobufMessage message) {
        try {
            frame(new ProtobufMessage()
                    .integer(1, ++records)
                    .message(field, message)
                    .bytes());
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    /** In parts where it does not fit the block; no part begins in a block's last six bytes. */
    private void frame(byte[] bytes) throws IOException {
        int from = 0;
        do {
            if (BLOCK_BYTES - filled < FRAME_BYTES) {
                write(little(BLOCK_BYTES - filled).position(BLOCK_BYTES - filled));
            }
            int count = Math.min(bytes.length - from, BLOCK_BYTES - filled - FRAME_BYTES);
            boolean last = from + count == bytes.length;
            int type = from == 0 ? last ? FULL : FIRST : last ? LAST : MIDDLE;
            part(type, bytes, from, count);
            from += count;
        } while (from < bytes.length);
    }

    private void part(int type, byte[] bytes, int from, int count) throws IOException {
        var sum = new CRC32();
        sum.update(type);
        sum.update(bytes, from, count);
        write(little(FRAME_BYTES + count)
                .putInt((int) sum.getValue())
                .putShort((short) count)
                .put((byte) type)
                .put(bytes, from, count));
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void write(ByteBuffer buffer) throws IOException {
        out.write(buffer.array());
        filled = (filled + buffer.capacity()) % BLOCK_BYTES;
    }

    /** Says that the run has ended, and closes the file. */
    @Override
    public void close() {
        record(18, new ProtobufMessage().integer(1, 0));
        try {
            out.close();
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    private static WorkException failed(Path file, IOException e) {
        return new WorkException(
                "cannot write " + file + ": " + AtomicFiles.reason(e), "free some space, or give another --out");
    }
}
