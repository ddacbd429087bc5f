package dev.cria.report;

import dev.cria.page.Numbers;
import dev.cria.page.Point;
import dev.cria.run.Event;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A resume from which on a run trains otherwise than before: with another learning rate, other data, another optimizer.
 * What its loss does then is no cost of the restart.
 *
 * @param how what differs, in words
 */
record Departure(Run run, Event.Resumed resume, String how) {
    /** A schedule moves less than this share from one step to the next, once it is warm. */
    private static final double JUMP = 0.2;

    /** By the configurations, where the run that it comes from is one of these; else by a jump of the learning rate. */
    static Optional<Departure> of(Run run, Event.Resumed resume, List<Run> runs) {
        Optional<Run> parent = resume.checkpoint()
                .flatMap(from ->
                        runs.stream().filter(r -> r != run && r.holds(from)).findFirst());
        String settings = parent.map(from -> Settings.ofTraining(from, run).stream()
                        .map(Settings.Setting::words)
                        .collect(Collectors.joining("\n")))
                .orElse("");
        return settings.isEmpty() ? jump(run, resume) : Optional.of(new Departure(run, resume, settings));
    }

    private static Optional<Departure> jump(Run run, Event.Resumed resume) {
        List<Point> rates = run.points(step -> step.learningRate()).stream()
                .filter(p -> p.x() >= resume.step() - 2 && p.x() <= resume.step())
                .toList();
        if (rates.size() < 3) {
            return Optional.empty();
        }
        double before = rates.get(1).y();
        double expected = before * before / rates.get(0).y();
        double now = rates.get(2).y();
        return isFar(now, before) && isFar(now, expected)
                ? Optional.of(new Departure(
                        run, resume, "learning rate " + Numbers.scientific(before) + " → " + Numbers.scientific(now)))
                : Optional.empty();
    }

    private static boolean isFar(double rate, double from) {
        return Math.abs(rate - from) > JUMP * Math.max(Math.abs(from), Math.abs(rate));
    }

    static List<Departure> all(List<Run> runs) {
        return runs.stream()
                .flatMap(run ->
                        run.events(Event.Resumed.class).stream().flatMap(resume -> of(run, resume, runs).stream()))
                .toList();
    }
}
