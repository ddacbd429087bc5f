package dev.cria.report;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The terms of a run's model FLOPs utilisation: MFU = FLOPs a token · tokens a second ÷ peak.
 *
 * @param tokensPerSecond median over all steps but the first tenth, which warm up
 * @param flopsPerToken 6 · parameters in matrix products + 12 · layers · hidden · sequence
 * @param mfu median of what the run wrote
 */
record Speed(double tokensPerSecond, OptionalDouble flopsPerToken, double mfu, Optional<String> peakSource) {

    static Speed of(Run run) {
        var late = run.steps().subList(run.steps().size() / 10, run.steps().size());
        double speed = Spread.median(late.stream()
                .mapToDouble(StepLine::tokensPerSecond)
                .filter(Double::isFinite)
                .toArray());
        double mfu = Spread.median(late.stream()
                .mapToDouble(StepLine::mfu)
                .filter(Double::isFinite)
                .toArray());
        Optional<Event> start = run.events().stream()
                .filter(e -> e.kind() == Event.Kind.STARTED || e.kind() == Event.Kind.RESUMED)
                .findFirst();
        return new Speed(speed, flops(run, start), mfu, start.flatMap(e -> Fields.text(e.fields(), "peak_source")));
    }

    /** As the run wrote it down when it began, else by the formula. */
    private static OptionalDouble flops(Run run, Optional<Event> start) {
        OptionalDouble written =
                start.map(e -> Fields.number(e.fields(), "flops_per_token")).orElse(OptionalDouble.empty());
        if (written.isPresent()) {
            return written;
        }
        OptionalDouble sequence = Fields.number(run.config().path("batch"), "sequence_length");
        return run.architecture().isPresent() && sequence.isPresent()
                ? OptionalDouble.of(run.architecture().orElseThrow().flopsPerToken((int) sequence.getAsDouble()))
                : OptionalDouble.empty();
    }

    /** The peak that the run divided by, recovered from its own figures. */
    OptionalDouble peak() {
        return flopsPerToken.isPresent() && mfu > 0 && Double.isFinite(tokensPerSecond)
                ? OptionalDouble.of(flopsPerToken.getAsDouble() * tokensPerSecond / mfu)
                : OptionalDouble.empty();
    }
}
