package dev.cria.train;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.format.AtomicFiles;
import dev.cria.run.RepeatedWarning;
import dev.cria.run.RunFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The checkpoints of a run, {@code step-0000100} and so on. One is written under a hidden name, forced to the disk file
 * by file, its manifest last, and then renamed: a directory that is called {@code step-…} is whole, whenever the
 * process or the power went.
 */
final class Checkpoints {
    /** The names under which a checkpoint is unfinished, or no longer one; other hidden files are somebody else's. */
    private static final Pattern HIDDEN =
            Pattern.compile("\\.(step-\\d+\\.tmp|doomed-step-\\d+|replaced-step-\\d+)(-\\d+)?");

    /** The stem of the files that the optimizer's state is in. */
    static final String MOMENTS = "optimizer";

    private final Path directory;
    private final Recipe.Checkpoint settings;
    private final RepeatedWarning stuck;

    /** Fills a directory with a checkpoint's files and returns them. */
    @FunctionalInterface
    interface Content {
        List<Path> write(Path directory);
    }

    Checkpoints(Path directory, Recipe.Checkpoint settings, Progress progress) {
        this.directory = directory;
        this.settings = settings;
        this.stuck = new RepeatedWarning(progress, InstantSource.system());
    }

    /** Writes the checkpoint of a step; an earlier one of the same step is replaced. */
    Path write(long step, Content content) {
        Path target = directory.resolve(RunFiles.checkpointName(step));
        try {
            Path unfinished = free("." + RunFiles.checkpointName(step) + ".tmp");
            try {
                Files.createDirectories(unfinished);
                List<Path> files = content.write(unfinished);
                Manifest.write(unfinished, files);
                AtomicFiles.force(unfinished);
                setAside(target);
                AtomicFiles.moveIntoPlace(unfinished, target);
            } finally {
                delete(unfinished);
            }
            return target;
        } catch (IOException e) {
            throw AtomicFiles.cannotWrite(target, e);
        }
    }

    boolean has(long step) {
        return Files.isDirectory(directory.resolve(RunFiles.checkpointName(step)));
    }

    Optional<Path> newest() {
        return newest(Long.MAX_VALUE);
    }

    /** The newest one of a step, or of one before it. */
    Optional<Path> newest(long upTo) {
        return RunFiles.checkpointsIn(directory).stream()
                .filter(c -> step(c) <= upTo)
                .findFirst();
    }

    /** A directory can't be renamed over one that has files: the old one steps aside first. */
    private void setAside(Path target) throws IOException {
        if (Files.exists(target)) {
            Files.move(target, free(".replaced-" + target.getFileName()));
        }
    }

    /** A hidden name that nothing has: what a killed process left there goes, or, where it can't, stays. */
    private Path free(String name) {
        Path path = directory.resolve(name);
        delete(path);
        for (int i = 2; Files.exists(path); i++) {
            path = directory.resolve(name + "-" + i);
        }
        return path;
    }

    /**
     * Keeps the newest {@code keep}, those that are permanent, and of the good ones the newest. What goes loses its name
     * before its first file. What can't be removed stays, and is told.
     *
     * @param good the last step whose gradient was finite: checkpoints of it and before it are good
     */
    void removeOld(long good) {
        deleteHidden();
        List<Path> all = RunFiles.checkpointsIn(directory);
        Optional<Path> newestGood = newest(good);
        for (Path old : all.subList(Math.min(all.size(), settings.keep()), all.size())) {
            if (newestGood.equals(Optional.of(old))) {
                continue;
            }
            if (!settings.isPermanent(step(old))) {
                remove(old);
            } else if (settings.weightsOnly()) {
                forgetMoments(old);
            }
        }
        deleteHidden();
    }

    /** The manifest goes first: at every instant the checkpoint is whole by what its manifest lists. */
    private void forgetMoments(Path old) {
        Manifest.leaveOut(old, Checkpoints::isOfMoments);
        try (Stream<Path> files = Files.list(old)) {
            for (Path file : files.filter(Checkpoints::isOfMoments).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            stuck.say("the moments of " + old + " cannot be removed: " + e.getMessage());
        }
    }

    private static boolean isOfMoments(Path file) {
        return file.getFileName().toString().startsWith(MOMENTS + ".")
                || file.getFileName().toString().startsWith(MOMENTS + "-");
    }

    /** Whether a training can go on from a checkpoint as if it had never stopped. */
    private static boolean hasMoments(Path checkpoint) {
        return Manifest.files(checkpoint).stream().anyMatch(Checkpoints::isOfMoments);
    }

    private void remove(Path old) {
        try {
            Files.move(old, free(".doomed-" + old.getFileName()));
        } catch (IOException e) {
            stuck.say(old + " cannot be removed: " + e.getMessage());
        }
    }

    /** Clears away what has no name any more, or never got one because the process was killed. */
    private void deleteHidden() {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (Stream<Path> all = Files.list(directory)) {
            all.filter(p -> HIDDEN.matcher(p.getFileName().toString()).matches())
                    .toList()
                    .forEach(this::delete);
        } catch (IOException e) {
            stuck.say(directory + " cannot be listed: " + e.getMessage());
        }
    }

    /**
     * A checkpoint to resume from.
     *
     * @param damaged newer ones, which were passed over
     * @param weightsOnly newer ones without moments, which were passed over too
     */
    record Found(Path checkpoint, List<Path> damaged, List<Path> weightsOnly) {

        Found(Path checkpoint) {
            this(checkpoint, List.of(), List.of());
        }

        int passedOver() {
            return damaged.size() + weightsOnly.size();
        }

        /** Takes their names from those passed over, so that they are not counted among those to be kept. */
        void markPassedOver(Progress progress) {
            damaged.forEach(one ->
                    progress.say("the damaged checkpoint is now " + marked(one, "damaged-") + "; it can be deleted"));
            weightsOnly.forEach(one -> progress.say("the checkpoint of weights only is now " + marked(one, "weights-")
                    + "; the run writes its step again"));
        }

        private static Path marked(Path one, String prefix) {
            Path marked = one.resolveSibling(prefix + one.getFileName());
            for (int i = 2; Files.exists(marked); i++) {
                marked = one.resolveSibling(prefix + one.getFileName() + "-" + i);
            }
            try {
                Files.move(one, marked);
                return marked;
            } catch (IOException e) {
                throw AtomicFiles.cannotWrite(marked, e);
            }
        }
    }

    /** Refuses a checkpoint from which nothing resumes with the optimizer's state. */
    static void requireMoments(Path checkpoint) {
        if (!hasMoments(checkpoint)) {
            throw new RequestException(
                    checkpoint + " is of weights only (checkpoint.weights_only): its optimizer's state is gone",
                    "--without-optimizer-state, or pretrain --init " + checkpoint + " for a new run of its weights");
        }
    }

    /**
     * The checkpoint to resume from: that of a step, or else the newest whole one. Damaged ones are named and passed
     * over. Only reads.
     *
     * @param command that starts and resumes such a run
     */
    static Found find(Path run, OptionalLong at, String command, Progress progress) {
        RunFiles files = new RunFiles(run);
        if (at.isPresent()) {
            return new Found(exactly(files, at.getAsLong()));
        }
        List<Path> all = files.checkpoints();
        if (all.isEmpty()) {
            throw noneYet(files, command);
        }
        List<Path> damaged = new ArrayList<>();
        List<Path> weightsOnly = new ArrayList<>();
        for (Path checkpoint : all) {
            var damage = Manifest.damage(checkpoint);
            if (damage.isPresent()) {
                progress.say("warning: checkpoint " + checkpoint + " is damaged (" + damage.get()
                        + "); trying the one before it");
                damaged.add(checkpoint);
            } else if (hasMoments(checkpoint)) {
                return new Found(checkpoint, damaged, weightsOnly);
            } else {
                progress.say("warning: checkpoint " + checkpoint
                        + " is of weights only (checkpoint.weights_only); trying the one before it");
                weightsOnly.add(checkpoint);
            }
        }
        throw new WorkException(
                damaged.size() == all.size()
                        ? "all " + all.size() + " checkpoints of " + run + " are damaged"
                        : "of the " + all.size() + " checkpoints of " + run + " " + damaged.size()
                                + " are damaged and the others of weights only",
                "./cria " + command + " --config " + files.config() + " --out NEW_RUN starts over");
    }

    private static RequestException noneYet(RunFiles files, String command) {
        Path run = files.run();
        boolean free = files.steps() == 0;
        String place = free ? "--out " + run : "--out NEW_RUN";
        return new RequestException(
                run + " has no checkpoint yet",
                "./cria " + command + " --config " + files.config() + " " + place + " starts it over");
    }

    private static Path exactly(RunFiles files, long at) {
        Path checkpoint = files.checkpointDirectory().resolve(RunFiles.checkpointName(at));
        if (!Files.isDirectory(checkpoint)) {
            String there = String.join(
                    ", ",
                    files.checkpoints().stream()
                            .map(p -> String.valueOf(step(p)))
                            .toList());
            throw new RequestException(
                    "there is no checkpoint " + checkpoint, "--at takes one of: " + (there.isEmpty() ? "none" : there));
        }
        Manifest.damage(checkpoint).ifPresent(damage -> {
            throw new WorkException("checkpoint " + checkpoint + " is damaged: " + damage, "--at another step");
        });
        return checkpoint;
    }

    private static long step(Path checkpoint) {
        return RunFiles.step(checkpoint).orElseThrow();
    }

    /** Deletes what can be deleted; what stays is told. */
    private void delete(Path tree) {
        if (!Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException | UncheckedIOException e) {
            stuck.say(tree + " cannot be removed: " + e.getMessage());
        }
    }
}
