package dev.cria.train;

import dev.cria.nn.Parameters;
import dev.cria.run.Event;
import dev.cria.tensor.GemmPeak;
import dev.cria.tensor.GemmPeak.Rate;
import dev.cria.tensor.Product;
import dev.cria.tensor.Product.Form;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What utilisation is a share of: the most that the machine was seen to reach. A step that reaches more shows that the
 * peak was measured too low, and raises it.
 *
 * @param flops operations a second of all ranks together
 * @param source how that was found, for the reader
 */
record Peak(double flops, String source) {
    static final Peak UNKNOWN = new Peak(Double.NaN, "");

    /** Square products, and those that the parameters take part in with a micro-batch of rows, in so many seconds. */
    static Peak measure(SessionPlan plan, Parameters parameters, long rows, int ranks, double seconds) {
        List<Product> ofModel = parameters.list().stream()
                .map(parameter -> parameter.spec().shape())
                .filter(shape -> shape.length == 2)
                .map(shape -> new Product(Form.FORWARD, rows, shape[1], shape[0]))
                .toList();
        return of(GemmPeak.measure(plan.kernels(), ofModel, plan.storage().compute(), plan.device(), seconds), ranks);
    }

    /** A first word on it, before any of the code is warm. */
    static Peak atOnce(SessionPlan plan, int ranks) {
        return of(GemmPeak.atOnce(plan.storage().compute(), plan.device()), ranks);
    }

    private static Peak of(Rate one, int ranks) {
        return of(
                ranks * one.best(),
                ComputeType.word(one.dtype()) + ", " + one.words() + (ranks == 1 ? "" : ", × " + ranks + " ranks"));
    }

    private static Peak of(double flops, String how) {
        return new Peak(flops, "%,.0f GFLOP/s in %s".formatted(flops / 1e9, how));
    }

    /** The higher of this one and those that the run has seen on the same machine, in the same type, with as many ranks. */
    Peak orSeen(List<Event> events, String device, Map<String, String> environment, Map<String, String> record) {
        Peak highest = this;
        boolean same = false;
        for (Event event : events) {
            Optional<Event.Segment> begun = event.begun();
            if (begun.isPresent()) {
                Event.Segment segment = begun.get();
                same = segment.device().equals(device)
                        && segment.environment().equals(environment)
                        && String.valueOf(segment.record().get("host")).equals(String.valueOf(record.get("host")));
                highest = same ? highest.or(new Peak(segment.peakFlops(), segment.peakSource())) : highest;
            } else if (same && event instanceof Event.PeakRaised raised) {
                highest = highest.or(new Peak(raised.peakFlops(), raised.peakSource()));
            }
        }
        return highest;
    }

    private Peak or(Peak other) {
        return other.flops > flops ? other : this;
    }

    /** The same, measured in code that so many steps have warmed. */
    Peak afterSteps(int steps) {
        return new Peak(flops, source + ", after " + steps + " steps");
    }

    /** What a step has reached, which the peak cannot be below. */
    Peak raised(double reached, long step) {
        return of(
                reached,
                "step %d of the training, which is more than the %,.0f measured before".formatted(step, flops / 1e9));
    }
}
