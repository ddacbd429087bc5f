package dev.cria.data.prepare;

import dev.cria.data.filter.Verdict;
import dev.cria.data.source.Row;
import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** A JSON line for each document with what became of it, in the order of the input. Appears when all is done. */
final class DecisionLog implements AutoCloseable {
    private static final int BUFFER = 1 << 16;
    private static final JsonMapper JSON = new JsonMapper();

    private final Path target;
    private final FileChannel channel;
    private final StringBuilder pending = new StringBuilder(BUFFER);

    private DecisionLog(Path target, FileChannel channel) {
        this.target = target;
        this.channel = channel;
    }

    /** Opens the log of unfinished work, cut off after its first {@code bytes}. */
    static DecisionLog open(Path target, long bytes) {
        try {
            Files.createDirectories(target.toAbsolutePath().getParent());
            FileChannel channel = FileChannel.open(
                    AtomicFiles.temporaryFor(target), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel.truncate(bytes).position(bytes);
            return new DecisionLog(target, channel);
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(target, e);
        }
    }

    void add(Outcome outcome) {
        Row row = outcome.row();
        if (row.row() < 0) {
            return;
        }
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("source", row.source());
        line.put("row", row.row());
        line.put("id", row.id().orElse(null));
        line.put("kept", outcome.kept());
        line.put("reason", reason(outcome.verdict()).orElse(null));
        pending.append(JSON.writeValueAsString(line)).append('\n');
        if (pending.length() >= BUFFER) {
            flush();
        }
    }

    private static Optional<String> reason(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Keep _ -> Optional.empty();
            case Verdict.Edit edit -> Optional.of("edited by " + edit.rule());
            case Verdict.Drop drop -> Optional.of(drop.rule() + ": " + drop.detail());
        };
    }

    private void flush() {
        try {
            byte[] bytes = pending.toString().getBytes(StandardCharsets.UTF_8);
            AtomicFiles.writeFully(channel, ByteBuffer.wrap(bytes));
            pending.setLength(0);
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(target, e);
        }
    }

    /** Brings everything so far to the disk and says how many bytes it is. */
    long commit() {
        flush();
        try {
            channel.force(false);
            return channel.position();
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(target, e);
        }
    }

    /** Gives a finished log its name, unless that was done just before a kill. */
    static void publish(Path target) {
        Path written = AtomicFiles.temporaryFor(target);
        if (Files.exists(written)) {
            AtomicFiles.moveIntoPlace(written, target);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(target, e);
        }
    }
}
