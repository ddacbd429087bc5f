package dev.cria.train;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.format.AtomicFiles;
import dev.cria.parallel.Ranks;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.stream.Stream;

/** A run's directory, held by one process at a time: the lock is the operating system's, so a killed one leaves none. */
public final class RunDirectory implements AutoCloseable {
    private final Path path;
    private final Optional<FileChannel> lock;

    private RunDirectory(Path path, Optional<FileChannel> lock) {
        this.path = path;
        this.lock = lock;
    }

    /** A directory for a new run; one that holds a run already is refused. */
    public static RunDirectory create(Path path) {
        return create(path, "pretrain");
    }

    /** The same for a run of another command, which can resume it. */
    public static RunDirectory create(Path path, String command) {
        if (Files.exists(path.resolve("config.yaml")) || Files.exists(path.resolve("checkpoints"))) {
            throw new RequestException(
                    path + " holds a run already",
                    "./cria " + command + " --resume " + path + " continues it; or choose another --out");
        }
        return open(path);
    }

    /** The directory of a run that exists. */
    public static RunDirectory existing(Path path) {
        if (!Files.isRegularFile(path.resolve("config.yaml"))) {
            throw new RequestException(
                    path + " is no run: it has no config.yaml", "./cria pretrain --config FILE --out " + path);
        }
        return open(path);
    }

    /** The directory as a rank has it that leaves the writing, and the lock, to the first. */
    public static RunDirectory heldByAnotherRank(Path path) {
        return new RunDirectory(path, Optional.empty());
    }

    /**
     * Whether an earlier attempt at the same command has left a checkpoint in its run; a run that has none yet steps
     * aside, for the command to begin again. The first rank looks, and all know.
     */
    public static boolean isLeftBehind(Path run, Ranks ranks, Progress progress) {
        return Boolean.parseBoolean(ranks.fromFirst(() -> {
            boolean resumable = !Checkpoints.steps(run.resolve("checkpoints")).isEmpty();
            if (!resumable) {
                setAside(run).ifPresent(to -> progress.say(run + " had no checkpoint yet; it is now " + to));
            }
            return String.valueOf(resumable);
        }));
    }

    /** Renames a run's directory, if there is one; returns its new name. */
    private static Optional<Path> setAside(Path run) {
        if (!Files.exists(run)) {
            return Optional.empty();
        }
        Path target = run;
        for (int i = 1; Files.exists(target); i++) {
            target = run.resolveSibling(run.getFileName() + ".attempt-" + i);
        }
        try {
            return Optional.of(Files.move(run, target));
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(target, e);
        }
    }

    private static RunDirectory open(Path path) {
        try {
            Files.createDirectories(path.resolve("checkpoints"));
            FileChannel channel =
                    FileChannel.open(path.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!isLocked(channel)) {
                channel.close();
                throw new RequestException(
                        path + " is being written by another process", "./cria watch " + path + " shows it");
            }
            return new RunDirectory(path, Optional.of(channel));
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(path, e);
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException _) {
            return false;
        }
    }

    public Path path() {
        return path;
    }

    public Path checkpoints() {
        return path.resolve("checkpoints");
    }

    /** Copies the logs and the configuration of another run, for a fork of it. */
    public void copyRecordsFrom(Path other) {
        try (Stream<Path> files = Files.list(other)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (!file.getFileName().toString().startsWith(".")) {
                    Files.copy(file, path.resolve(file.getFileName().toString()));
                }
            }
        } catch (IOException e) {
            throw new WorkException(
                    "the records of " + other + " cannot be copied: " + e.getMessage(), "free some space", e);
        }
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
