package dev.cria.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Reads a directory of event files as TensorBoard does: files in the order of their names; a SessionLog.START takes back
 * what came before of its step and later ones, but for the first START, which begins the run.
 *
 * @see "tensorboard/backend/event_processing/event_accumulator.py, _CheckForRestartAndMaybePurge"
 */
public final class TensorBoardReader {
    private final Map<String, List<Point>> byTag = new TreeMap<>();
    private boolean started;

    /** A value of a tag; NaN for a text. */
    public record Point(long step, float value) {}

    private TensorBoardReader() {}

    public static Map<String, List<Point>> read(Path directory) throws IOException {
        TensorBoardReader reader = new TensorBoardReader();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.sorted().toList()) {
                reader.file(ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN));
            }
        }
        return reader.byTag;
    }

    private void file(ByteBuffer bytes) {
        while (bytes.remaining() >= 12) {
            int length = (int) bytes.getLong();
            bytes.getInt();
            if (bytes.remaining() < length + 4) {
                return; // A record that a kill has torn.
            }
            event(bytes.slice(bytes.position(), length).order(ByteOrder.LITTLE_ENDIAN));
            bytes.position(bytes.position() + length + 4);
        }
    }

    private void event(ByteBuffer event) {
        long step = 0;
        List<ByteBuffer> summaries = new ArrayList<>();
        while (event.hasRemaining()) {
            long key = varint(event);
            switch ((int) (key >>> 3)) {
                case 2 -> step = varint(event);
                case 5 -> summaries.add(message(event));
                case 7 -> start(message(event), step);
                default -> skip(event, (int) (key & 7));
            }
        }
        for (ByteBuffer summary : summaries) {
            varint(summary);
            value(message(summary), step);
        }
    }

    private void start(ByteBuffer sessionLog, long step) {
        varint(sessionLog);
        if (varint(sessionLog) != 1) {
            return;
        }
        if (started) {
            byTag.values().forEach(points -> points.removeIf(p -> p.step() >= step));
        }
        started = true;
    }

    private void value(ByteBuffer value, long step) {
        String tag = "";
        float number = Float.NaN;
        while (value.hasRemaining()) {
            long key = varint(value);
            switch ((int) (key >>> 3)) {
                case 1 -> tag = StandardCharsets.UTF_8.decode(message(value)).toString();
                case 2 -> number = value.getFloat();
                default -> skip(value, (int) (key & 7));
            }
        }
        byTag.computeIfAbsent(tag, _ -> new ArrayList<>()).add(new Point(step, number));
    }

    private static ByteBuffer message(ByteBuffer from) {
        int length = (int) varint(from);
        ByteBuffer message = from.slice(from.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        from.position(from.position() + length);
        return message;
    }

    private static void skip(ByteBuffer from, int wireType) {
        switch (wireType) {
            case 0 -> varint(from);
            case 1 -> from.getLong();
            case 2 -> message(from);
            case 5 -> from.getInt();
            default -> throw new IllegalStateException("wire type " + wireType);
        }
    }

    private static long varint(ByteBuffer from) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = from.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }
}
