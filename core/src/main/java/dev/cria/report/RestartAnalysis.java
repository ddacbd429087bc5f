package dev.cria.report;

import dev.cria.eval.Benchmark;
import dev.cria.page.Point;
import dev.cria.page.Span;
import dev.cria.report.RestartCost.Excess;
import dev.cria.report.RestartCost.PointsLost;
import dev.cria.run.Event;
import dev.cria.run.Line;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Computes the {@link RestartCost} of one resume; the definitions stand there. */
final class RestartAnalysis {
    private static final int EVALUATIONS_AFTER = 3;

    private final Run run;
    private final Event.Resumed resume;
    private final List<Run> runs;
    private final long at;
    private final int window;
    private final List<Line.Step> before;
    private final List<Line.Step> after;

    RestartAnalysis(Run run, Event.Resumed resume, List<Run> runs) {
        this.run = run;
        this.resume = resume;
        this.runs = runs;
        at = resume.step();
        window = (int) Math.clamp(at / 10, 10, 100);
        before = stepsBefore();
        long end = run.events(Event.Resumed.class).stream()
                .mapToLong(Event::step)
                .filter(s -> s > at)
                .min()
                .orElse(Long.MAX_VALUE);
        after = run.steps().stream()
                .filter(s -> s.step() >= at && s.step() < end && Double.isFinite(s.loss()))
                .toList();
    }

    /** Empty with fewer than five steps on either side. */
    Optional<RestartCost> cost() {
        if (before.size() < 5 || after.size() < 5) {
            return Optional.empty();
        }
        Spread loss = Spread.of(values(before, Line.Step::loss));
        Optional<Excess> excess = unbroken().map(other -> new Excess(other, differences(other)));
        Spread norm = Spread.of(values(before, Line.Step::gradientNorm));
        return Optional.of(new RestartCost(
                run,
                resume,
                ranksBefore(),
                window,
                loss,
                highest(Line.Step::loss) - loss.median(),
                norm,
                highest(Line.Step::gradientNorm) - norm.median(),
                validationRise(),
                pointsLost(),
                excess.map(this::healing).orElseGet(() -> healing(loss)),
                excess));
    }

    /** The run itself, else the one it was forked from, else any that has these steps. */
    private List<Line.Step> stepsBefore() {
        return Stream.concat(Stream.of(run), others())
                .map(r -> r.steps().stream()
                        .filter(s -> s.step() >= at - window && s.step() < at && Double.isFinite(s.loss()))
                        .toList())
                .filter(steps -> steps.size() >= Math.min(window, at) / 2 && !steps.isEmpty())
                .findFirst()
                .orElse(List.of());
    }

    private Stream<Run> others() {
        Optional<Run> parent = parent();
        return Stream.concat(
                parent.stream(),
                runs.stream().filter(r -> r != run && parent.filter(p -> p == r).isEmpty()));
    }

    private Optional<Run> parent() {
        return resume.checkpoint()
                .flatMap(from ->
                        runs.stream().filter(r -> r != run && r.holds(from)).findFirst());
    }

    private OptionalInt ranksBefore() {
        return Stream.concat(Stream.of(run), others())
                .flatMap(r -> r.events().stream())
                .filter(e -> e.step() < at)
                .flatMap(e -> e.begun().stream())
                .mapToInt(Event.Segment::ranks)
                .reduce((_, b) -> b);
    }

    private double highest(ToDoubleFunction<Line.Step> value) {
        return after.stream()
                .limit(window)
                .mapToDouble(value)
                .filter(Double::isFinite)
                .max()
                .orElse(Double.NaN);
    }

    /** By the level before. */
    private Healing healing(Spread loss) {
        double allowed = RestartCost.HEALED_SPREADS * loss.deviation() / Math.sqrt(window);
        double[] losses = values(after, Line.Step::loss);
        List<Point> above = IntStream.rangeClosed(0, losses.length - window)
                .mapToObj(i -> new Point(
                        after.get(i).step(), Spread.median(Arrays.copyOfRange(losses, i, i + window)) - loss.median()))
                .toList();
        return healing(above, 2 * allowed, allowed);
    }

    /** Beside the run that was not broken. */
    private Healing healing(Excess excess) {
        List<Point> differences = excess.differences();
        List<Point> means = IntStream.rangeClosed(0, differences.size() - window)
                .mapToObj(i -> new Point(differences.get(i).x(), mean(differences.subList(i, i + window))))
                .toList();
        return healing(means, RestartCost.CLOSED, RestartCost.CLOSED);
    }

    /**
     * @param above what windows that begin at these steps have too much
     * @param harm the worst of them is above this, or there was no damage
     */
    private Healing healing(List<Point> above, double harm, double allowed) {
        Optional<Point> worst = above.stream().max(Comparator.comparingDouble(Point::y));
        if (worst.isPresent() && worst.get().y() <= harm) {
            return new Healing.Unharmed();
        }
        return above.stream()
                .filter(p -> p.x() >= worst.orElseThrow().x() && p.y() <= allowed)
                .findFirst()
                .<Healing>map(p -> new Healing.After((long) p.x() - at))
                .orElse(new Healing.NotWithin(after.size()));
    }

    private OptionalDouble validationRise() {
        OptionalDouble last = Run.at(withPast(Run::validation), at);
        OptionalDouble highest = run.validation().stream()
                .filter(p -> p.x() > at)
                .limit(EVALUATIONS_AFTER)
                .mapToDouble(Point::y)
                .max();
        return last.isPresent() && highest.isPresent()
                ? OptionalDouble.of(highest.getAsDouble() - last.getAsDouble())
                : OptionalDouble.empty();
    }

    /** Of HellaSwag, as the paper has it; of the benchmark that lost most where HellaSwag wasn't measured. */
    private Optional<PointsLost> pointsLost() {
        List<PointsLost> all = new ArrayList<>();
        for (Benchmark benchmark : Benchmark.values()) {
            OptionalDouble last = Run.at(withPast(r -> scores(r, benchmark)), at);
            OptionalDouble lowest = scores(run, benchmark).stream()
                    .filter(p -> p.x() > at)
                    .limit(EVALUATIONS_AFTER)
                    .mapToDouble(Point::y)
                    .min();
            if (last.isPresent() && lowest.isPresent()) {
                all.add(new PointsLost(benchmark.title(), 100 * (last.getAsDouble() - lowest.getAsDouble())));
            }
        }
        return all.stream()
                .filter(p -> p.task().equals(Benchmark.HELLASWAG.title()))
                .findFirst()
                .or(() -> all.stream().max((a, b) -> Double.compare(a.points(), b.points())));
    }

    static List<Point> scores(Run run, Benchmark benchmark) {
        return run.evaluations().stream()
                .flatMap(e -> e.score(benchmark.id()).map(s -> new Point(e.step(), s.value())).stream())
                .toList();
    }

    /** Their error bars. */
    static List<Span> spans(Run run, Benchmark benchmark) {
        return run.evaluations().stream()
                .flatMap(e -> e.score(benchmark.id()).stream()
                        .filter(s -> s.standardError().isPresent())
                        .map(s -> Span.of(
                                new Point(e.step(), s.value()),
                                s.standardError().getAsDouble())))
                .toList();
    }

    /** The run's own values up to the resume, else those of the run it came from. */
    private List<Point> withPast(Function<Run, List<Point>> values) {
        return Stream.concat(Stream.of(run), others())
                .map(values)
                .filter(points -> points.stream().anyMatch(p -> p.x() <= at))
                .findFirst()
                .orElse(List.of());
    }

    /** Another run with the same settings and steps that was not resumed there, or with its optimizer's state. */
    private Optional<Run> unbroken() {
        return others().filter(r -> Settings.ofTraining(r, run).isEmpty())
                .filter(r -> r.events(Event.Resumed.class).stream()
                        .noneMatch(e -> e.step() == at && e.optimizerState() == Event.OptimizerState.WITHOUT))
                .filter(r -> differences(r).size() >= Math.min(window, after.size()))
                .findFirst();
    }

    private static double mean(List<Point> points) {
        return points.stream().mapToDouble(Point::y).average().orElse(0);
    }

    private List<Point> differences(Run other) {
        Map<Long, Line.Step> steps = new HashMap<>();
        other.steps().stream().filter(s -> Double.isFinite(s.loss())).forEach(s -> steps.put(s.step(), s));
        return after.stream()
                .flatMap(s -> Stream.ofNullable(steps.get(s.step()))
                        .map(there -> new Point(s.step(), s.loss() - there.loss())))
                .toList();
    }

    private static double[] values(List<Line.Step> steps, ToDoubleFunction<Line.Step> value) {
        return steps.stream().mapToDouble(value).filter(Double::isFinite).toArray();
    }
}
