package dev.cria.report;

import dev.cria.page.Ink;
import dev.cria.page.Milestones;
import dev.cria.page.Numbers;
import dev.cria.run.Event;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;

/** Finds in the events of runs what a figure against step marks. */
final class MilestoneReader {
    /** More lines than this would hide the curves. */
    private static final int MOST_NUMBERED = 12;

    private static final int MOST_CHECKPOINTS = 120;

    private MilestoneReader() {}

    /** Resumes of all runs; troubles and checkpoints of the first. */
    static Milestones of(List<Run> runs) {
        Run first = runs.getFirst();
        return new Milestones(
                numbered(runs),
                first.events().stream()
                        .filter(e -> e instanceof Event.Skipped || e instanceof Event.Spike)
                        .map(e -> (double) e.step())
                        .toList(),
                thinned(first.events(Event.Checkpoint.class).stream()
                        .map(e -> (double) e.step())
                        .toList()),
                List.of());
    }

    /** In the order of their steps, as they stand from left to right. */
    private static List<Milestones.Numbered> numbered(List<Run> runs) {
        List<Milestones.Numbered> found = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            OptionalInt ranks = OptionalInt.empty();
            for (Event e : runs.get(i).events()) {
                if (e instanceof Event.Resumed resume && found.size() < MOST_NUMBERED) {
                    String how = Departure.of(runs.get(i), resume, runs).isPresent() ? ", with other settings" : "";
                    String words = words(
                            resume, ranks, how, runs.size() > 1 ? runs.get(i).name() : "");
                    found.add(new Milestones.Numbered(0, e.step(), words, Ink.series(i)));
                }
                ranks = e.begun().isPresent() ? OptionalInt.of(e.begun().get().ranks()) : ranks;
            }
        }
        found.sort(Comparator.comparingDouble(Milestones.Numbered::step));
        List<Milestones.Numbered> numbered = new ArrayList<>();
        found.forEach(m -> numbered.add(new Milestones.Numbered(numbered.size() + 1, m.step(), m.words(), m.ink())));
        return numbered;
    }

    /** Stretches of the first run with one number of ranks, for the panel that shows its speed. */
    static Milestones withSegments(Milestones milestones, Run run) {
        List<Milestones.Segment> segments = new ArrayList<>();
        List<Event> changes =
                run.events().stream().filter(e -> e.begun().isPresent()).toList();
        for (int i = 0; i < changes.size(); i++) {
            double end = i + 1 < changes.size()
                    ? changes.get(i + 1).step()
                    : run.last().step();
            int ranks = changes.get(i).begun().orElseThrow().ranks();
            if (end > changes.get(i).step()) {
                segments.add(new Milestones.Segment(changes.get(i).step(), end, ranks));
            }
        }
        boolean changing =
                segments.stream().mapToInt(Milestones.Segment::ranks).distinct().count() > 1;
        return new Milestones(
                milestones.numbered(),
                milestones.troubles(),
                milestones.checkpoints(),
                changing ? List.copyOf(segments) : List.of());
    }

    private static String words(Event.Resumed e, OptionalInt ranksBefore, String how, String run) {
        StringBuilder words = new StringBuilder("step ").append(Numbers.count(e.step()));
        words.append(": resumed ");
        words.append(
                switch (e.optimizerState()) {
                    case WITH -> "with its optimizer state";
                    case WITHOUT -> "without optimizer state";
                });
        int now = e.segment().ranks();
        boolean changed = ranksBefore.isPresent() && ranksBefore.getAsInt() != now;
        words.append(changed ? ", " + ranksBefore.getAsInt() + " → " + now : ", " + now);
        words.append(now == 1 ? " rank" : " ranks");
        words.append(how);
        return run.isEmpty()
                ? words.toString()
                : words.append(" (").append(run).append(')').toString();
    }

    private static List<Double> thinned(List<Double> steps) {
        int every = Math.ceilDiv(Math.max(1, steps.size()), MOST_CHECKPOINTS);
        List<Double> kept = new ArrayList<>();
        for (int i = 0; i < steps.size(); i += every) {
            kept.add(steps.get(i));
        }
        return kept;
    }
}
