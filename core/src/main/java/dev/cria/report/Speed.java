package dev.cria.report;

import dev.cria.run.Event;
import dev.cria.run.Line;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * The terms of a run's model FLOPs utilisation: MFU = FLOPs a token · tokens a second ÷ peak.
 *
 * @param tokensPerSecond median over all steps but the first tenth, which warm up
 * @param flopsPerToken 6 · parameters in matrix products + 12 · layers · hidden · sequence
 * @param peak the highest that the run saw, as far as it wrote one down
 * @param mfu by these, else the median of what the run wrote; NaN where neither is known
 */
record Speed(
        double tokensPerSecond,
        OptionalDouble flopsPerToken,
        OptionalDouble peak,
        double mfu,
        Optional<String> peakSource) {

    static Speed of(Run run) {
        var late = run.steps().subList(run.steps().size() / 10, run.steps().size());
        double speed = median(late, Line.Step::tokensPerSecond);
        OptionalDouble flops = flops(run);
        Optional<Peak> highest =
                run.events().stream().flatMap(Speed::peaks).max(Comparator.comparingDouble(Peak::flops));
        if (flops.isEmpty() || highest.isEmpty()) {
            double mfu = Math.min(1, median(late, Line.Step::mfu));
            Optional<String> source =
                    highest.map(Peak::source).or(() -> begun(run).map(Event.Segment::peakSource));
            return new Speed(speed, flops, recovered(flops, speed, mfu), mfu, source.filter(words -> !words.isEmpty()));
        }
        double measured = highest.get().flops();
        double reached = flops.getAsDouble()
                * late.stream()
                        .mapToDouble(Line.Step::tokensPerSecond)
                        .filter(Double::isFinite)
                        .max()
                        .orElse(0);
        // A run of an earlier version did not correct a peak that its steps beat.
        double peak = Math.max(measured, reached);
        return new Speed(
                speed,
                flops,
                OptionalDouble.of(peak),
                flops.getAsDouble() * speed / peak,
                reached > measured
                        ? Optional.of("what the fastest step reached, more than was measured at the start")
                        : highest.map(Peak::source).filter(words -> !words.isEmpty()));
    }

    private static double median(List<Line.Step> steps, ToDoubleFunction<Line.Step> value) {
        return Spread.median(
                steps.stream().mapToDouble(value).filter(Double::isFinite).toArray());
    }

    private record Peak(double flops, String source) {}

    private static Stream<Peak> peaks(Event event) {
        Stream<Peak> peaks = event instanceof Event.PeakRaised raised
                ? Stream.of(new Peak(raised.peakFlops(), raised.peakSource()))
                : event.begun().stream().map(s -> new Peak(s.peakFlops(), s.peakSource()));
        return peaks.filter(peak -> peak.flops() > 0 && Double.isFinite(peak.flops()));
    }

    private static Optional<Event.Segment> begun(Run run) {
        return run.events().stream().flatMap(e -> e.begun().stream()).findFirst();
    }

    /** As the run wrote it down when it began, else by the formula. */
    private static OptionalDouble flops(Run run) {
        Optional<Double> written = begun(run).map(Event.Segment::flopsPerToken).filter(flops -> flops > 0);
        if (written.isPresent()) {
            return OptionalDouble.of(written.get());
        }
        OptionalDouble sequence = Fields.number(run.config().path("batch"), "sequence_length");
        return run.architecture().isPresent() && sequence.isPresent()
                ? OptionalDouble.of(run.architecture().orElseThrow().flopsPerToken((int) sequence.getAsDouble()))
                : OptionalDouble.empty();
    }

    /** The peak that a run divided by which wrote none down, from its own figures. */
    private static OptionalDouble recovered(OptionalDouble flops, double speed, double mfu) {
        return flops.isPresent() && mfu > 0 && Double.isFinite(speed)
                ? OptionalDouble.of(flops.getAsDouble() * speed / mfu)
                : OptionalDouble.empty();
    }
}
