package dev.cria.format;

import dev.cria.WorkException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Writes scalars and texts into an event file that TensorBoard reads. Each writer makes a file of its own and never
 * touches an earlier one, so a record that a kill has torn spoils nothing that comes later; TensorBoard joins a
 * directory's files. Each writer calls {@link #starts} first: from the second start on, TensorBoard drops what earlier
 * files say of that step and later ones.
 *
 * <pre>{@code
 * try (var board = TensorBoardWriter.open(run.resolve("tensorboard"))) {
 *     board.scalar("train/loss", 12, 3.21);
 *     board.text("samples", 12, "A violin is a string instrument");
 * }
 * }</pre>
 *
 * @see "TensorFlow: event.proto, summary.proto, and record_writer.cc for the framing"
 */
public final class TensorBoardWriter implements AutoCloseable {
    private static final String VERSION = "brain.Event:2";
    private static final int SESSION_START = 1;
    private static final int STRINGS = 7;
    private static final int MASK = 0xa282ead8;

    /** TensorBoard wants {@code tfevents} in a name. */
    private static final Pattern NAME = Pattern.compile("events\\.out\\.tfevents\\.(\\d{10})\\.cria\\.\\d+\\.\\d+");

    private final Path file;
    private final OutputStream out;
    private final InstantSource clock;
    private final List<Path> earlier;

    private TensorBoardWriter(Path file, OutputStream out, InstantSource clock, List<Path> earlier) {
        this.file = file;
        this.out = out;
        this.clock = clock;
        this.earlier = earlier;
    }

    /**
     * Begins a new event file in the directory, which is made if it isn't there.
     *
     * @throws WorkException if the file cannot be made
     */
    public static TensorBoardWriter open(Path directory) {
        return open(directory, InstantSource.system());
    }

    /** The same with the times of its records from a clock. */
    public static TensorBoardWriter open(Path directory, InstantSource clock) {
        try {
            Files.createDirectories(directory);
            TensorBoardWriter writer = create(directory, clock, written(directory));
            writer.record(writer.event(0).text(3, VERSION));
            writer.flush();
            return writer;
        } catch (IOException e) {
            throw failed(directory, e);
        }
    }

    /** The files of earlier writers, in the order in which TensorBoard reads them. */
    private static List<Path> written(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(f -> NAME.matcher(f.getFileName().toString()).matches())
                    .sorted()
                    .toList();
        }
    }

    /** TensorBoard reads a directory's files in the order of the names: this one's comes last. */
    private static TensorBoardWriter create(Path directory, InstantSource clock, List<Path> earlier)
            throws IOException {
        long second = clock.instant().getEpochSecond();
        for (Path file : earlier) {
            Matcher name = NAME.matcher(file.getFileName().toString());
            second = name.matches() ? Math.max(second, Long.parseLong(name.group(1)) + 1) : second;
        }
        long pid = ProcessHandle.current().pid();
        Path file = directory.resolve(String.format(Locale.ROOT, "events.out.tfevents.%010d.cria.%d.0", second, pid));
        OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        return new TensorBoardWriter(file, new BufferedOutputStream(out), clock, earlier);
    }

    /** The files of earlier writers in the same directory. */
    public List<Path> earlier() {
        return earlier;
    }

    /** Says that a session starts whose first values are of this step. */
    public synchronized void starts(long step) {
        record(event(step).message(7, new ProtobufMessage().integer(1, SESSION_START)));
    }

    /**
     * A value at a step.
     *
     * @param tag its name, such as {@code train/loss}; what stands before the slash becomes a group
     */
    public synchronized void scalar(String tag, long step, double value) {
        value(step, new ProtobufMessage().text(1, tag).real32(2, (float) value));
    }

    /** A text at a step, shown as Markdown. */
    public synchronized void text(String tag, long step, String text) {
        var plugin = new ProtobufMessage().message(1, new ProtobufMessage().text(1, "text"));
        var tensor = new ProtobufMessage()
                .integer(1, STRINGS)
                .message(2, new ProtobufMessage())
                .text(8, text);
        value(step, new ProtobufMessage().text(1, tag).message(8, tensor).message(9, plugin));
    }

    /** Hands what is written so far to the operating system, where TensorBoard can see it. */
    public synchronized void flush() {
        try {
            out.flush();
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    @Override
    public synchronized void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    private void value(long step, ProtobufMessage value) {
        record(event(step).message(5, new ProtobufMessage().message(1, value)));
    }

    private ProtobufMessage event(long step) {
        Instant now = clock.instant();
        return new ProtobufMessage()
                .real64(1, now.getEpochSecond() + now.getNano() / 1e9)
                .integer(2, step);
    }

    /** A record: length, its checksum, the message, its checksum; all little-endian. */
    private void record(ProtobufMessage event) {
        byte[] message = event.bytes();
        byte[] length = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(message.length)
                .array();
        ByteBuffer framed = ByteBuffer.allocate(16 + message.length).order(ByteOrder.LITTLE_ENDIAN);
        framed.put(length).putInt(masked(length)).put(message).putInt(masked(message));
        try {
            out.write(framed.array());
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    /** Rotated by 15 bits and moved by a constant, so that a checksum of data with checksums in it stays a good one. */
    static int masked(byte[] bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes);
        return Integer.rotateRight((int) checksum.getValue(), 15) + MASK;
    }

    private static WorkException failed(Path file, IOException e) {
        return new WorkException(
                file + " cannot be written: " + e.getMessage(), "free some space, or --set log.tensorboard=false", e);
    }
}
