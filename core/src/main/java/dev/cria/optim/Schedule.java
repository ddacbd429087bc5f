package dev.cria.optim;

/** The learning rate of each step. */
public sealed interface Schedule {

    /** The rate of step {@code it} = 0, 1, … */
    double at(long it);

    /** The highest rate. */
    double rate();

    /** The schedule of pretraining: a warm-up of {@code rate·(it+1)/warmup}, then the section's kind. */
    static Schedule of(ScheduleSection s) {
        return switch (s.kind()) {
            case COSINE -> new Cosine(s.learningRate(), s.minLearningRate(), s.warmupSteps(), s.steps());
            case LINEAR -> new Linear(s.learningRate(), s.minLearningRate(), s.warmupSteps(), s.steps());
            case CONSTANT -> new Constant(s.learningRate(), s.warmupSteps());
            case WSD -> new Wsd(s.learningRate(), s.minLearningRate(), s.warmupSteps(), s.steps(), s.decay());
        };
    }

    /** Half a cosine from the rate to its minimum at {@code steps}, which it keeps (Loshchilov and Hutter 2017). */
    record Cosine(double rate, double minimum, long warmup, long steps) implements Schedule {
        @Override
        public double at(long it) {
            if (it < warmup) {
                return rate * (it + 1) / warmup;
            }
            if (it > steps) {
                return minimum;
            }
            double progress = (double) (it - warmup) / Math.max(1, steps - warmup);
            return minimum + 0.5 * (1 + Math.cos(Math.PI * progress)) * (rate - minimum);
        }
    }

    /** Straight from the rate to its minimum at {@code steps}. */
    record Linear(double rate, double minimum, long warmup, long steps) implements Schedule {
        @Override
        public double at(long it) {
            if (it < warmup) {
                return rate * (it + 1) / warmup;
            }
            double left = Math.max(0, (double) (steps - it) / Math.max(1, steps - warmup));
            return minimum + (rate - minimum) * left;
        }
    }

    /** The rate, after the warm-up. */
    record Constant(double rate, long warmup) implements Schedule {
        @Override
        public double at(long it) {
            return it < warmup ? rate * (it + 1) / warmup : rate;
        }
    }

    /**
     * The rate after the warm-up, then straight to its minimum in the last steps (Hu et al. 2024, MiniCPM). Until the
     * decay begins it does not depend on {@code steps}: one stable run is the beginning of runs of any length.
     */
    record Wsd(double rate, double minimum, long warmup, long steps, long decay) implements Schedule {
        @Override
        public double at(long it) {
            if (it < warmup) {
                return rate * (it + 1) / warmup;
            }
            double left = Math.clamp((double) (steps - it) / Math.max(1, decay), 0, 1);
            return minimum + (rate - minimum) * left;
        }
    }

    /** Hugging Face's linear schedule: {@code rate·it/warmup} from 0, then straight to 0 at {@code steps}. */
    record HuggingFaceLinear(double rate, long warmup, long steps) implements Schedule {
        @Override
        public double at(long it) {
            if (it < warmup) {
                return rate * it / warmup;
            }
            return rate * Math.max(0, (double) (steps - it) / Math.max(1, steps - warmup));
        }
    }
}
