package dev.cria.train;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The checkpoints of a run, {@code step-0000100} and so on. One is written under a hidden name, forced to the disk file
 * by file, its manifest last, and then renamed: a directory that is called {@code step-…} is whole, whenever the
 * process or the power went.
 */
public final class Checkpoints {
    private static final String PREFIX = "step-";

    private final Path directory;
    private final Recipe.Checkpoint settings;

    /** Fills a directory with a checkpoint's files and returns them. */
    @FunctionalInterface
    interface Content {
        List<Path> write(Path directory);
    }

    Checkpoints(Path directory, Recipe.Checkpoint settings) {
        this.directory = directory;
        this.settings = settings;
    }

    /** Writes the checkpoint of a step; an earlier one of the same step is replaced. */
    Path write(long step, Content content) {
        Path target = directory.resolve(name(step));
        Path unfinished = directory.resolve("." + name(step) + ".tmp");
        try {
            delete(unfinished);
            Files.createDirectories(unfinished);
            List<Path> files = content.write(unfinished);
            Manifest.write(unfinished, files);
            AtomicFiles.force(unfinished);
            setAside(target);
            AtomicFiles.moveIntoPlace(unfinished, target);
            removeOld();
            return target;
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(target, e);
        } finally {
            discard(unfinished);
        }
    }

    boolean has(long step) {
        return Files.isDirectory(directory.resolve(name(step)));
    }

    Optional<Path> newest() {
        return steps(directory).stream().findFirst();
    }

    /** A directory can't be renamed over one that has files: the old one steps aside first. */
    private void setAside(Path target) throws IOException {
        if (Files.exists(target)) {
            Path aside = directory.resolve(".replaced-" + target.getFileName());
            delete(aside);
            Files.move(target, aside);
        }
    }

    /**
     * Keeps the newest {@code keep} and every {@code keep_every}-th step; the newest, which was just written, always
     * stays. What goes loses its name before its first file.
     */
    private void removeOld() throws IOException {
        deleteHidden();
        List<Path> all = steps(directory);
        for (Path old : all.subList(Math.min(all.size(), settings.keep()), all.size())) {
            if (settings.keepEvery() == 0 || step(old) % settings.keepEvery() != 0) {
                Files.move(old, directory.resolve(".doomed-" + old.getFileName()));
            }
        }
        deleteHidden();
    }

    /** Clears away what has no name any more, or never got one because the process was killed. */
    private void deleteHidden() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            for (Path path : all.toList()) {
                if (path.getFileName().toString().startsWith(".")) {
                    delete(path);
                }
            }
        }
    }

    /**
     * The checkpoint to resume from: that of a step, or else the newest whole one. Damaged ones are named, passed
     * over, and renamed.
     */
    public static Path find(Path run, OptionalLong at, Progress progress) {
        Path directory = run.resolve("checkpoints");
        if (at.isPresent()) {
            return exactly(directory.resolve(name(at.getAsLong())), directory);
        }
        List<Path> all = steps(directory);
        if (all.isEmpty()) {
            throw new RequestException(
                    run + " has no checkpoint yet", "start it again with --config and another --out");
        }
        for (Path checkpoint : all) {
            var damage = Manifest.damage(checkpoint);
            if (damage.isEmpty()) {
                all.subList(0, all.indexOf(checkpoint)).forEach(damaged -> markDamaged(damaged, progress));
                return checkpoint;
            }
            progress.say("warning: checkpoint " + checkpoint + " is damaged (" + damage.get()
                    + "); trying the one before it");
        }
        throw new WorkException(
                "all " + all.size() + " checkpoints of " + run + " are damaged",
                "./cria pretrain --config " + run.resolve("config.yaml") + " --out NEW_RUN begins again");
    }

    /** Takes its name from a damaged checkpoint, so that it is not counted among those to be kept. */
    private static void markDamaged(Path checkpoint, Progress progress) {
        Path marked = checkpoint.resolveSibling("damaged-" + checkpoint.getFileName());
        try {
            delete(marked);
            Files.move(checkpoint, marked);
            progress.say("the damaged checkpoint is now " + marked + "; it can be deleted");
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(marked, e);
        }
    }

    private static Path exactly(Path checkpoint, Path directory) {
        if (!Files.isDirectory(checkpoint)) {
            String there = String.join(
                    ", ",
                    steps(directory).stream().map(p -> String.valueOf(step(p))).toList());
            throw new RequestException(
                    "there is no checkpoint " + checkpoint, "--at takes one of: " + (there.isEmpty() ? "none" : there));
        }
        Manifest.damage(checkpoint).ifPresent(damage -> {
            throw new WorkException("checkpoint " + checkpoint + " is damaged: " + damage, "--at another step");
        });
        return checkpoint;
    }

    /** All checkpoints of a run's directory, the newest first. */
    static List<Path> steps(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(directory)) {
            Function<Path, Long> byStep = Checkpoints::step;
            return found.filter(p -> p.getFileName().toString().matches(PREFIX + "\\d+"))
                    .sorted(Comparator.comparing(byStep).reversed())
                    .toList();
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(directory, e);
        }
    }

    static long step(Path checkpoint) {
        return Long.parseLong(checkpoint.getFileName().toString().substring(PREFIX.length()));
    }

    static String name(long step) {
        return PREFIX + "%07d".formatted(step);
    }

    private static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Clears away what a failed write left; if that fails as well, the next write does it. */
    private static void discard(Path unfinished) {
        try {
            delete(unfinished);
        } catch (IOException _) {
            // The reason of the failed write is the one to tell.
        }
    }
}
