package dev.cria.model;

import dev.cria.UnknownKeys;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** How rotary frequencies are stretched for texts longer than those of the pretraining. */
public sealed interface RopeScaling {

    /** The frequency of a pair of numbers of a head, radians a position. */
    double frequency(double theta, int headDim, int pair);

    /** What cosines and sines are multiplied by. */
    default double attentionFactor() {
        return 1;
    }

    void putInto(Map<String, Object> keys);

    /** Stretching that looks at nothing but the frequency. */
    sealed interface ByFrequency extends RopeScaling {

        /** The frequency that stands in for this one. */
        double scale(double frequency);

        @Override
        default double frequency(double theta, int headDim, int pair) {
            return scale(Math.pow(theta, -2.0 * pair / headDim));
        }
    }

    /** As they are. */
    record None() implements ByFrequency {
        @Override
        public double scale(double frequency) {
            return frequency;
        }

        @Override
        public void putInto(Map<String, Object> keys) {}
    }

    /** All positions divided by a factor (Chen et al. 2023, Position Interpolation). */
    record Linear(double factor) implements ByFrequency {
        @Override
        public double scale(double frequency) {
            return frequency / factor;
        }

        @Override
        public void putInto(Map<String, Object> keys) {
            keys.put("rope_scaling", Map.of("rope_type", "linear", "factor", factor));
        }
    }

    /**
     * A base that grows with texts longer than max_position_embeddings: as they are up to there, and no text is longer
     * here (bloc97 and emozilla 2023, dynamic NTK-aware scaling).
     */
    record Dynamic(double factor) implements ByFrequency {
        @Override
        public double scale(double frequency) {
            return frequency;
        }

        @Override
        public void putInto(Map<String, Object> keys) {
            keys.put("rope_scaling", Map.of("rope_type", "dynamic", "factor", factor));
        }
    }

    /** Slow frequencies divided by a factor, fast ones kept, a ramp between (Llama 3.1). */
    record Llama3(double factor, double lowFreqFactor, double highFreqFactor, double originalPositions)
            implements ByFrequency {
        @Override
        public double scale(double frequency) {
            double wavelength = 2 * Math.PI / frequency;
            if (wavelength > originalPositions / lowFreqFactor) {
                return frequency / factor;
            }
            if (wavelength < originalPositions / highFreqFactor) {
                return frequency;
            }
            double kept = (originalPositions / wavelength - lowFreqFactor) / (highFreqFactor - lowFreqFactor);
            return (1 - kept) * frequency / factor + kept * frequency;
        }

        @Override
        public void putInto(Map<String, Object> keys) {
            Map<String, Object> section = new LinkedHashMap<>();
            section.put("rope_type", "llama3");
            section.put("factor", factor);
            section.put("low_freq_factor", lowFreqFactor);
            section.put("high_freq_factor", highFreqFactor);
            section.put("original_max_position_embeddings", (long) originalPositions);
            keys.put("rope_scaling", section);
        }
    }

    /**
     * Pairs that turn often within the pretraining's length kept, those that turn seldom divided by a factor, a ramp over
     * the pairs between; and warmer attention (Peng et al. 2023, YaRN).
     *
     * @param betaFast turns from which a pair is kept; {@code betaSlow} those up to which it is divided
     * @param truncate whether the ramp begins and ends at whole pairs
     */
    record Yarn(
            double factor,
            double attentionFactor,
            double betaFast,
            double betaSlow,
            boolean truncate,
            double originalPositions)
            implements RopeScaling {
        static final double BETA_FAST = 32;
        static final double BETA_SLOW = 1;

        /** The paper's attention factor, with a weight on its logarithm. */
        static double magnitude(double factor, double weight) {
            return factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1;
        }

        /** A factor of null is the ratio of the lengths; one that is missing is refused, as transformers does both. */
        static Yarn of(HuggingFaceKeys section, double originalPositions, double positions) {
            double factor = section.values().containsKey("factor")
                    ? section.positive("factor", positions / originalPositions)
                    : section.required("factor");
            double weight = section.number("mscale", 0);
            double weightOfAll = section.number("mscale_all_dim", 0);
            double magnitude = weight != 0 && weightOfAll != 0
                    ? magnitude(factor, weight) / magnitude(factor, weightOfAll)
                    : magnitude(factor, 1);
            return new Yarn(
                    factor,
                    section.positive("attention_factor", magnitude),
                    section.positive("beta_fast", BETA_FAST),
                    section.positive("beta_slow", BETA_SLOW),
                    section.flag("truncate", true),
                    originalPositions);
        }

        /** How its attention factor differs from the paper's. */
        double relativeAttentionFactor() {
            return attentionFactor / magnitude(factor, 1);
        }

        @Override
        public double frequency(double theta, int headDim, int pair) {
            double low = pairOfTurns(betaFast, theta, headDim);
            double high = pairOfTurns(betaSlow, theta, headDim);
            double from = Math.max(truncate ? Math.floor(low) : low, 0);
            double to = Math.min(truncate ? Math.ceil(high) : high, headDim - 1);
            double width = from == to ? 0.001 : to - from;
            double divided = Math.clamp((pair - from) / width, 0.0, 1.0);
            double frequency = Math.pow(theta, -2.0 * pair / headDim);
            return frequency / factor * divided + frequency * (1 - divided);
        }

        /** The pair, with a fraction, that turns so often within the pretraining's length. */
        private double pairOfTurns(double turns, double theta, int headDim) {
            return headDim * Math.log(originalPositions / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
        }

        @Override
        public void putInto(Map<String, Object> keys) {
            Map<String, Object> section = new LinkedHashMap<>();
            section.put("rope_type", "yarn");
            section.put("factor", factor);
            section.put("original_max_position_embeddings", (long) originalPositions);
            section.put("attention_factor", attentionFactor);
            section.put("beta_fast", betaFast);
            section.put("beta_slow", betaSlow);
            section.put("truncate", truncate);
            keys.put("rope_scaling", section);
        }
    }

    Set<String> KEYS = Set.of(
            "rope_type",
            "type",
            "rope_theta",
            "factor",
            "low_freq_factor",
            "high_freq_factor",
            "original_max_position_embeddings",
            "attention_factor",
            "beta_fast",
            "beta_slow",
            "mscale",
            "mscale_all_dim",
            "truncate");

    /** {@code rope_theta} of the section, else of the file, as transformers takes it. */
    static double theta(HuggingFaceKeys keys, double otherwise) {
        HuggingFaceKeys section = keys.section(section(keys));
        return section.positiveUnlessAbsent("rope_theta", keys.positiveUnlessAbsent("rope_theta", otherwise));
    }

    static RopeScaling of(HuggingFaceKeys keys, int positions) {
        String name = section(keys);
        HuggingFaceKeys section = keys.section(name);
        UnknownKeys.check(section.source(), HuggingFaceKeys.withoutNeutral(section.values()), KEYS);
        String type = section.text("rope_type").or(() -> section.text("type")).orElse("default");
        return switch (type) {
            case "default" -> new None();
            case "linear" -> new Linear(section.required("factor"));
            case "dynamic" -> new Dynamic(section.required("factor"));
            case "llama3" ->
                new Llama3(
                        section.required("factor"),
                        section.required("low_freq_factor"),
                        section.required("high_freq_factor"),
                        original(keys, section, positions));
            case "yarn" -> Yarn.of(section, original(keys, section, positions), positions);
            default -> throw keys.refuse(name, "is of type " + type + ", not default, linear, dynamic, llama3 or yarn");
        };
    }

    /** Transformers 4's {@code rope_scaling}, unless it is empty, else 5's {@code rope_parameters}. */
    private static String section(HuggingFaceKeys keys) {
        return keys.section("rope_scaling").values().isEmpty() ? "rope_parameters" : "rope_scaling";
    }

    /** The pretraining's length; transformers prefers the key outside of the section, and then takes all positions. */
    private static double original(HuggingFaceKeys keys, HuggingFaceKeys section, double positions) {
        String name = "original_max_position_embeddings";
        return keys.positiveUnlessAbsent(name, section.positiveUnlessAbsent(name, positions));
    }
}
