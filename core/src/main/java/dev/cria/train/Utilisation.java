package dev.cria.train;

import dev.cria.Progress;
import dev.cria.run.Event;
import dev.cria.run.MetricSink;
import java.util.List;
import java.util.function.Supplier;

/**
 * Which share of the machine's peak each step reaches; keeps the highest peak that is seen. Every rise is an event; the
 * display is told of those that change a figure.
 */
final class Utilisation {
    /** Steps after which the code is compiled, and the peak is measured a second time. */
    static final int WARM = 10;

    /** How much higher than what was said last is worth a line: while code warms, each step beats the one before. */
    private static final double WORTH_SAYING = 1.1;

    private final Supplier<Peak> measure;
    private final MetricSink sink;
    private final Progress progress;
    private Peak peak;
    private double said;
    private int steps;

    Utilisation(Peak peak, Supplier<Peak> measure, MetricSink sink, Progress progress) {
        this.peak = peak;
        this.said = peak.flops();
        this.measure = measure;
        this.sink = sink;
        this.progress = progress;
    }

    /** Of a rank that tells nothing. */
    static Utilisation unknown(Progress progress) {
        return new Utilisation(Peak.UNKNOWN, () -> Peak.UNKNOWN, MetricSink.of(List.of()), progress);
    }

    /** @param reached the model's operations a second in this step; more than the peak is the peak from now on */
    double share(double reached, long step) {
        if (++steps == WARM) {
            raise(measure.get().afterSteps(WARM), step);
        }
        if (reached > peak.flops()) {
            raise(peak.raised(reached, step), step);
        }
        return reached / peak.flops();
    }

    private void raise(Peak higher, long step) {
        if (higher.flops() > peak.flops()) {
            peak = higher;
            sink.take(new Event.PeakRaised(step, peak.flops(), peak.source()));
            if (peak.flops() > WORTH_SAYING * said) {
                said = peak.flops();
                progress.say("peak       " + peak.source());
            }
        }
    }
}
