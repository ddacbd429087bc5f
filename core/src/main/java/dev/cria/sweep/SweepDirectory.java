package dev.cria.sweep;

import dev.cria.Problems;
import dev.cria.RequestException;
import dev.cria.format.AtomicFiles;
import dev.cria.format.ConfigFile;
import dev.cria.train.Recipe;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The files of a sweep: what was asked for, and a run directory for each trial. One process holds it at a time; the lock is
 * the operating system's.
 */
final class SweepDirectory implements AutoCloseable {
    /** What all trials have in common. */
    static final String BASE = "base.yaml";

    private static final String PLAN = "sweep.json";
    private static final String LOCK = ".lock";
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    private final Path path;
    private final FileChannel lock;

    private SweepDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /**
     * What a sweep is.
     *
     * @param inputs hash of the tokenizer and of each shard by name: trials that are still to come need the same
     */
    record Contents(SweepPlan plan, Map<String, String> inputs) {}

    /** Whether a sweep has begun here. */
    static boolean isBegun(Path path) {
        return Files.isRegularFile(path.resolve(PLAN)) && Files.isRegularFile(path.resolve(BASE));
    }

    /** Refuses a place for a new sweep that holds something else; only looks. */
    static void requireFree(Path path) {
        if (Files.exists(path) && !isEmpty(path)) {
            throw new RequestException(
                    path + " is there already and holds no sweep", "choose another --out: a sweep overwrites nothing");
        }
    }

    private static boolean isEmpty(Path path) {
        if (!Files.isDirectory(path)) {
            return false;
        }
        try (Stream<Path> inside = Files.list(path)) {
            return inside.allMatch(file -> file.endsWith(LOCK));
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(path, e);
        }
    }

    static Recipe readBase(Path path) {
        return ConfigFile.read(path.resolve(BASE), Recipe.defaults(), List.of());
    }

    static Contents readContents(Path path) {
        Path file = path.resolve(PLAN);
        try {
            return JSON.readValue(file, Contents.class);
        } catch (JacksonException e) {
            throw new RequestException(
                    file + " cannot be read: " + e.getOriginalMessage(), "start the sweep again with another --out");
        }
    }

    /** Refuses to go on with a sweep that is not the one that was asked for. */
    static void requireSame(Path path, SweepPlan plan, Recipe base) {
        Problems problems = new Problems();
        SweepPlan there = readContents(path).plan();
        problems.unless(
                there.equals(plan),
                path + " holds another sweep: " + shown(there) + ", not " + shown(plan),
                "./cria sweep --resume " + path + " continues that one; or choose another --out");
        Map<String, String> before = new TreeMap<>(ConfigFile.flat(readBase(path)));
        Map<String, String> now = new TreeMap<>(ConfigFile.flat(base));
        TreeSet<String> keys = new TreeSet<>(before.keySet());
        keys.addAll(now.keySet());
        for (String key : keys) {
            problems.unless(
                    key.equals("out") || Objects.equals(before.get(key), now.get(key)),
                    "%s holds another sweep: %s is %s there, not %s"
                            .formatted(path, key, shown(before.get(key)), shown(now.get(key))),
                    "./cria sweep --resume " + path + " continues that one; or choose another --out");
        }
        problems.refuse();
    }

    private static String shown(@Nullable String value) {
        return value == null ? "unset" : value;
    }

    private static String shown(SweepPlan plan) {
        return String.join(" ", plan.options());
    }

    /** Data that have changed would make trials that cannot be compared. */
    static void requireSameInputs(Path path, Map<String, String> now) {
        Map<String, String> before = readContents(path).inputs();
        if (!before.equals(now)) {
            TreeSet<String> keys = new TreeSet<>(before.keySet());
            keys.addAll(now.keySet());
            String first = keys.stream()
                    .filter(key -> !Objects.equals(before.get(key), now.get(key)))
                    .findFirst()
                    .orElseThrow();
            throw new RequestException(
                    "the data have changed since the sweep in " + path + " began: " + first,
                    "put them back, or begin a new sweep with another --out");
        }
    }

    /** Takes the directory for this process, and makes what is missing of it. */
    static SweepDirectory hold(Path path) {
        try {
            Files.createDirectories(path);
            FileChannel channel =
                    FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!isLocked(channel)) {
                channel.close();
                throw new RequestException(
                        path + " is being written by another process", "wait for it, or choose another --out");
            }
            return new SweepDirectory(path, channel);
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(path, e);
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            FileLock taken = channel.tryLock();
            return taken != null;
        } catch (OverlappingFileLockException _) {
            return false;
        }
    }

    /** Writes what was asked for; the plan last, since it says that there is a sweep. */
    void begin(Contents contents, Recipe base) {
        AtomicFiles.write(path.resolve(BASE), ConfigFile.toYaml(base));
        AtomicFiles.write(path.resolve(PLAN), JSON.writeValueAsString(contents) + "\n");
    }

    Path path() {
        return path;
    }

    /** The run directory of a trial. */
    static Path run(Path sweep, Trial trial) {
        return sweep.resolve("trials").resolve(trial.name());
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(path, e);
        }
    }
}
