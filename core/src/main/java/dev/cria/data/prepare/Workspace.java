package dev.cria.data.prepare;

import dev.cria.RequestException;
import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * The hidden directory beside the shards in which unfinished work keeps its state: what was asked for, and how far each
 * stage has come. It goes away when the work is done.
 */
final class Workspace implements AutoCloseable {
    static final String NAME = ".prepare";
    private static final JsonMapper JSON = new JsonMapper();

    private final Path directory;
    private final FileChannel channel;

    private Workspace(Path directory, FileChannel channel) {
        this.directory = directory;
        this.channel = channel;
    }

    /**
     * Opens the directory's state, new or of an earlier interrupted run, and locks it against a second process.
     *
     * @param asked what was asked for, as JSON values
     * @throws RequestException if unfinished work of another request lies there, naming what differs
     */
    static Workspace open(Path out, Map<String, Object> asked) {
        Path directory = out.resolve(NAME);
        try {
            Files.createDirectories(directory);
            Workspace workspace = new Workspace(directory, lock(out, directory));
            workspace.agree(out, asked);
            return workspace;
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(directory, e);
        }
    }

    private static FileChannel lock(Path out, Path directory) throws IOException {
        FileChannel channel =
                FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel;
            }
        } catch (OverlappingFileLockException _) {
            // Held within this very process: the same answer.
        }
        channel.close();
        throw new RequestException("another process is preparing " + out, "wait for it, or choose another --out");
    }

    private void agree(Path out, Map<String, Object> asked) {
        Optional<Map<?, ?>> before = read("request.json", Map.class).map(m -> (Map<?, ?>) m);
        // Compared as JSON, in which numbers have no Java type.
        Map<?, ?> now = JSON.readValue(JSON.writeValueAsString(asked), Map.class);
        if (before.isEmpty()) {
            write("request.json", asked);
            return;
        }
        List<String> different = Stream.concat(now.keySet().stream(), before.get().keySet().stream())
                .distinct()
                .filter(key -> !Objects.equals(now.get(key), before.get().get(key)))
                .map(String::valueOf)
                .toList();
        if (!different.isEmpty()) {
            close();
            throw new RequestException(
                    out + " holds unfinished work of another request, which differs in " + String.join(", ", different),
                    "repeat that request to finish it, or start over: rm -r " + out);
        }
    }

    /** The place of a file of some stage. */
    Path file(String name) {
        return directory.resolve(name);
    }

    boolean has(Path file) {
        return Files.exists(file);
    }

    /** A stage's state, if it has written any. */
    <T> Optional<T> read(String name, Class<T> type) {
        Path file = file(name);
        try {
            return Files.exists(file) ? Optional.of(JSON.readValue(Files.readAllBytes(file), type)) : Optional.empty();
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(file, e);
        }
    }

    /** Replaces a stage's state atomically. */
    void write(String name, Object state) {
        AtomicFiles.write(file(name), JSON.writeValueAsBytes(state));
    }

    /** Removes the directory: the work is done. */
    void remove() {
        close();
        remove(directory);
    }

    /** Removes what a kill just after the manifest was written left of it. */
    static void removeLeftover(Path out) {
        if (Files.isDirectory(out.resolve(NAME))) {
            remove(out.resolve(NAME));
        }
    }

    private static void remove(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(directory, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(directory, e);
        }
    }
}
