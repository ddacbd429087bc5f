package dev.cria.sweep;

import dev.cria.page.Point;
import dev.cria.run.Event;
import dev.cria.run.Line;
import dev.cria.run.RunFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the files of a trial's run say: nothing about a trial is kept anywhere else, so a sweep that was killed knows
 * where it was.
 *
 * @param checkpoint newest step that it could resume at; -1 where there is none
 * @param validations loss by step, the finite ones
 * @param seconds of training, without evaluations
 * @param skippedAtLast steps at the end whose gradient was not finite
 * @param secondsByStep seconds of training by steps taken
 */
public record TrialRun(
        Trial trial,
        Path directory,
        long checkpoint,
        TreeMap<Long, Double> validations,
        long steps,
        double seconds,
        double tokensPerSecond,
        int skippedAtLast,
        List<Point> secondsByStep) {

    /** How far a trial is. */
    public enum State {
        /** It has not begun. */
        WAITING,
        /** It has begun, and was interrupted. */
        UNFINISHED,
        /** Others were better at a rung. */
        STOPPED,
        FINISHED,
        /** Its numbers are no numbers any more. */
        DIVERGED,
        /** Its process ended with an error of another kind. */
        FAILED
    }

    /** Reads a trial's files; one that has not begun has none. */
    static TrialRun read(Trial trial, Path directory) {
        RunFiles files = new RunFiles(directory);
        TreeMap<Long, Double> validations = new TreeMap<>();
        files.validations().forEach(v -> validations.put(v.step(), v.loss()));
        List<Line.Step> steps = files.stepLines();
        double seconds = steps.isEmpty() ? 0 : steps.getLast().elapsedSeconds();
        long checkpoint = files.checkpoints().stream()
                .findFirst()
                .map(path -> RunFiles.step(path).orElse(-1))
                .orElse(-1L);
        List<Point> clock = new ArrayList<>();
        steps.forEach(step -> clock.add(new Point(step.step() + 1, step.elapsedSeconds())));
        return new TrialRun(
                trial,
                directory,
                checkpoint,
                validations,
                steps.isEmpty() ? 0 : steps.getLast().step() + 1,
                seconds,
                seconds > 0 ? steps.getLast().tokens() / seconds : 0,
                skippedAtLast(files, steps),
                Collections.unmodifiableList(clock));
    }

    /** By the events: a run that gives up leaves no line of its last step. */
    private static int skippedAtLast(RunFiles files, List<Line.Step> steps) {
        TreeSet<Long> skipped = new TreeSet<>();
        for (Event event : Event.timeline(files.events())) {
            if (event instanceof Event.Skipped) {
                skipped.add(event.step());
            }
        }
        long last = skipped.isEmpty() ? -1 : skipped.last();
        boolean atTheEnd = last >= (steps.isEmpty() ? 0 : steps.getLast().step());
        int inARow = 0;
        while (atTheEnd && skipped.contains(last - inARow)) {
            inARow++;
        }
        return inARow;
    }

    /** Whether it could not go on, however often it is resumed. */
    boolean hasDiverged(int skipNonfinite, long target) {
        boolean givenUp = skippedAtLast >= Math.max(1, skipNonfinite) && checkpoint < target;
        boolean noNumber = checkpoint >= target && !validations.containsKey(target);
        return givenUp || noNumber;
    }

    boolean hasBegun() {
        return Files.isDirectory(directory);
    }

    /** The validation loss at a step; infinite where there is none. */
    double lossAt(long step) {
        return validations.getOrDefault(step, Double.POSITIVE_INFINITY);
    }

    /** The latest validation loss. */
    public OptionalDouble lastLoss() {
        return validations.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(validations.lastEntry().getValue());
    }

    /** The lowest validation loss. */
    public OptionalDouble bestLoss() {
        return validations.values().stream().mapToDouble(Double::doubleValue).min();
    }

    /** Validation losses by step. */
    public List<Point> curve() {
        return validations.entrySet().stream()
                .map(e -> new Point(e.getKey(), e.getValue()))
                .toList();
    }
}
