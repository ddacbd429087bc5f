package dev.cria.report;

import dev.cria.report.RestartCost.Excess;
import dev.cria.report.RestartCost.PointsLost;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Computes the {@link RestartCost} of one resume; the definitions stand there. */
final class RestartAnalysis {
    private static final int EVALUATIONS_AFTER = 3;

    private final Run run;
    private final Event resume;
    private final List<Run> runs;
    private final long at;
    private final int window;
    private final List<StepLine> before;
    private final List<StepLine> after;

    RestartAnalysis(Run run, Event resume, List<Run> runs) {
        this.run = run;
        this.resume = resume;
        this.runs = runs;
        at = resume.step();
        window = (int) Math.clamp(at / 10, 10, 100);
        before = stepsBefore();
        long end = run.events(Event.Kind.RESUMED).stream()
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
        Spread loss = Spread.of(values(before, StepLine::loss));
        Spread norm = Spread.of(values(before, StepLine::gradientNorm));
        return Optional.of(new RestartCost(
                run,
                resume,
                ranksBefore(),
                window,
                loss,
                highest(StepLine::loss) - loss.median(),
                norm,
                highest(StepLine::gradientNorm) - norm.median(),
                validationRise(),
                pointsLost(),
                healedAfter(loss),
                after.size(),
                unbroken().map(this::excess)));
    }

    /** The run itself, else the one it was forked from, else any that has these steps. */
    private List<StepLine> stepsBefore() {
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
        return resume.from()
                .flatMap(from ->
                        runs.stream().filter(r -> r != run && r.holds(from)).findFirst());
    }

    private OptionalInt ranksBefore() {
        return Stream.concat(Stream.of(run), others())
                .flatMap(r -> r.events().stream())
                .filter(e -> e.step() < at && e.ranks().isPresent())
                .map(Event::ranks)
                .reduce((_, b) -> b)
                .orElse(OptionalInt.empty());
    }

    private double highest(ToDoubleFunction<StepLine> value) {
        return after.stream()
                .limit(window)
                .mapToDouble(value)
                .filter(Double::isFinite)
                .max()
                .orElse(Double.NaN);
    }

    private OptionalLong healedAfter(Spread loss) {
        double allowed = loss.median() + RestartCost.HEALED_SPREADS * loss.deviation() / Math.sqrt(window);
        double[] losses = values(after, StepLine::loss);
        for (int i = 0; i + window <= losses.length; i++) {
            if (Spread.median(Arrays.copyOfRange(losses, i, i + window)) <= allowed) {
                return OptionalLong.of(after.get(i).step() - at);
            }
        }
        return OptionalLong.empty();
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
        for (Task task : Task.values()) {
            OptionalDouble last = Run.at(withPast(r -> scores(r, task)), at);
            OptionalDouble lowest = scores(run, task).stream()
                    .filter(p -> p.x() > at)
                    .limit(EVALUATIONS_AFTER)
                    .mapToDouble(Point::y)
                    .min();
            if (last.isPresent() && lowest.isPresent()) {
                all.add(new PointsLost(task.title(), 100 * (last.getAsDouble() - lowest.getAsDouble())));
            }
        }
        return all.stream()
                .filter(p -> p.task().equals(Task.HELLASWAG.title()))
                .findFirst()
                .or(() -> all.stream().max((a, b) -> Double.compare(a.points(), b.points())));
    }

    static List<Point> scores(Run run, Task task) {
        return run.evaluations().stream()
                .flatMap(e -> e.score(task.key()).map(s -> new Point(e.step(), s.value())).stream())
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

    /** Another run with the same steps that was not resumed there, or was resumed with its optimizer's state. */
    private Optional<Run> unbroken() {
        return others().filter(r -> r.events(Event.Kind.RESUMED).stream()
                        .noneMatch(e -> e.step() == at && e.optimizerState() == Event.OptimizerState.WITHOUT))
                .filter(r -> differences(r).size() >= Math.min(window, after.size()))
                .findFirst();
    }

    private Excess excess(Run other) {
        List<Point> differences = differences(other);
        OptionalInt closed = IntStream.rangeClosed(0, differences.size() - window)
                .filter(i -> mean(differences.subList(i, i + window)) <= RestartCost.CLOSED)
                .findFirst();
        return new Excess(
                other,
                differences,
                closed.isPresent()
                        ? OptionalLong.of(
                                (long) differences.get(closed.getAsInt()).x() - at)
                        : OptionalLong.empty());
    }

    private static double mean(List<Point> points) {
        return points.stream().mapToDouble(Point::y).average().orElse(0);
    }

    private List<Point> differences(Run other) {
        Map<Long, StepLine> steps = new HashMap<>();
        other.steps().stream().filter(s -> Double.isFinite(s.loss())).forEach(s -> steps.put(s.step(), s));
        return after.stream()
                .flatMap(s -> Stream.ofNullable(steps.get(s.step()))
                        .map(there -> new Point(s.step(), s.loss() - there.loss())))
                .toList();
    }

    private static double[] values(List<StepLine> steps, ToDoubleFunction<StepLine> value) {
        return steps.stream().mapToDouble(value).filter(Double::isFinite).toArray();
    }
}
