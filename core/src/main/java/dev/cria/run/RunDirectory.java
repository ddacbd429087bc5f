package dev.cria.run;

import dev.cria.RequestException;
import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A run's directory, held by one process at a time: the lock is the operating system's, so a killed one leaves none. */
public final class RunDirectory implements AutoCloseable {
    private static final String LOCK = ".lock";
    private static final List<String> KINDS = List.of("pretrain", "tune");

    private final Path path;
    private Optional<FileChannel> lock;

    private RunDirectory(Path path, Optional<FileChannel> lock) {
        this.path = path;
        this.lock = lock;
    }

    /** What becomes of a run that was killed before its first checkpoint. */
    public enum Leftover {
        /** It is refused if it has taken a step; before that there is nothing to lose. */
        REFUSED,
        /** It gets another name: it is an earlier attempt at the same command. */
        SET_ASIDE
    }

    /**
     * Refuses a place for a new run that holds one already; only looks.
     *
     * @param command that can resume what is there
     */
    public static void requireFree(Path path, String command, Leftover leftover) {
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw new RequestException(path + " is a file", "--out " + path + "-run");
        }
        RunFiles files = new RunFiles(path);
        if (!files.checkpoints().isEmpty()) {
            throw new RequestException(
                    path + " holds a run already",
                    "./cria " + command + " --resume " + path + " continues it; or choose another --out");
        }
        if (leftover == Leftover.REFUSED && files.steps() > 0) {
            throw new RequestException(
                    path + " holds a run of " + files.steps() + " steps that was killed before its first checkpoint",
                    "mv " + path + " " + path + ".old, or choose another --out");
        }
        if (isHeld(path)) {
            throw heldByAnother(path);
        }
    }

    /** Takes a place for a new run; what an earlier start has left there goes. */
    public static RunDirectory claim(Path path, String command, Leftover leftover) {
        requireFree(path, command, leftover);
        if (new RunFiles(path).steps() > 0) {
            setAside(path);
        }
        RunDirectory claimed = new RunDirectory(path, Optional.empty());
        claimed.makeAndLock();
        for (String file :
                List.of(RunFiles.LOG, RunFiles.METRICS, RunFiles.EVENTS, RunFiles.SAMPLES, RunFiles.EVALUATIONS)) {
            claimed.delete(path.resolve(file));
        }
        return claimed;
    }

    /** Refuses a path that is not a run, or not one of the command; only looks. */
    public static void requireRun(Path path, String command) {
        if (Files.isRegularFile(path.resolve(RunFiles.CONFIG))) {
            requireKind(path, command);
            return;
        }
        Path absolute = path.toAbsolutePath().normalize();
        Optional<Path> run = Stream.iterate(absolute, p -> p != null, Path::getParent)
                .limit(4)
                .filter(p -> Files.isRegularFile(p.resolve(RunFiles.CONFIG)))
                .findFirst()
                .map(p -> shownLike(path, absolute, p));
        if (run.isPresent() && RunFiles.step(absolute).isPresent()) {
            throw new RequestException(
                    path + " is a checkpoint of the run " + run.get(),
                    "./cria %s --resume %s --at %d --out NEW_RUN forks it there; --resume %s continues from the newest"
                            .formatted(
                                    command, run.get(), RunFiles.step(absolute).getAsLong(), run.get()));
        }
        if (run.isPresent()) {
            throw new RequestException(
                    path + " is inside the run " + run.get(), "./cria " + command + " --resume " + run.get());
        }
        throw new RequestException(
                path + " is not a run directory: " + RunFiles.CONFIG + " is missing",
                "name the directory that ./cria " + command + " --out has written");
    }

    /** What started a run tells its kind; a run that the demo started tells nothing. */
    private static void requireKind(Path run, String command) {
        new RunFiles(run)
                .events().stream()
                        .flatMap(event -> event instanceof Event.Started started
                                ? Stream.of(started.segment().command().split(" "))
                                : Stream.empty())
                        .filter(KINDS::contains)
                        .findFirst()
                        .filter(kind -> !kind.equals(command))
                        .ifPresent(kind -> {
                            throw new RequestException(
                                    run + " is a run of " + kind + ", not of " + command,
                                    "./cria " + kind + " --resume " + run);
                        });
    }

    /** A directory above a path, as relative as the path was given. */
    private static Path shownLike(Path given, Path absolute, Path above) {
        int names = absolute.getNameCount() - above.getNameCount();
        Path normal = given.normalize();
        return !given.isAbsolute() && normal.getNameCount() > names
                ? normal.subpath(0, normal.getNameCount() - names)
                : above;
    }

    /**
     * An existing run, held where another process could hold it too. Nothing is written: a run without a lock's file
     * gets one with {@link #makeAndLock()}.
     */
    public static RunDirectory hold(Path path) {
        RunDirectory held = new RunDirectory(path, Optional.empty());
        if (Files.exists(path.resolve(LOCK))) {
            held.takeLock();
        }
        return held;
    }

    /** A run that is only read, or whose lock another rank has. */
    public static RunDirectory unheld(Path path) {
        return new RunDirectory(path, Optional.empty());
    }

    /** Makes what is missing of the directory, and takes the lock unless it is held already. */
    public void makeAndLock() {
        try {
            Files.createDirectories(path.resolve("checkpoints"));
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(path, e);
        }
        if (lock.isEmpty()) {
            takeLock();
        }
    }

    private void takeLock() {
        try {
            FileChannel channel =
                    FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!isLocked(channel)) {
                channel.close();
                throw heldByAnother(path);
            }
            lock = Optional.of(channel);
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(path, e);
        }
    }

    private static boolean isHeld(Path path) {
        Path file = path.resolve(LOCK);
        if (!Files.isWritable(file)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            return !isLocked(channel);
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(path, e);
        }
    }

    private static RequestException heldByAnother(Path path) {
        return new RequestException(
                path + " is being written by another process", "./cria watch " + path + " shows it");
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException _) {
            return false;
        }
    }

    /** Renames a run's directory. */
    private static void setAside(Path run) {
        Path target = run;
        for (int i = 1; Files.exists(target); i++) {
            target = run.resolveSibling(run.getFileName() + ".attempt-" + i);
        }
        try {
            Files.move(run, target);
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(target, e);
        }
    }

    private void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(file, e);
        }
    }

    public Path path() {
        return path;
    }

    public RunFiles files() {
        return new RunFiles(path);
    }

    @Override
    public void close() {
        try {
            if (lock.isPresent()) {
                lock.get().close();
            }
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(path, e);
        }
    }
}
