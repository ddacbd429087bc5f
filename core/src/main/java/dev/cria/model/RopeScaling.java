package dev.cria.model;

import java.util.LinkedHashMap;
import java.util.Map;

/** How rotary frequencies are stretched for texts longer than those of the pretraining. */
public sealed interface RopeScaling {

    /** As they are. */
    record None() implements RopeScaling {
        @Override
        public double scale(double frequency) {
            return frequency;
        }

        @Override
        public void putInto(Map<String, Object> keys) {}
    }

    /** All positions divided by a factor (Chen et al. 2023, Position Interpolation). */
    record Linear(double factor) implements RopeScaling {
        @Override
        public double scale(double frequency) {
            return frequency / factor;
        }

        @Override
        public void putInto(Map<String, Object> keys) {
            keys.put("rope_scaling", Map.of("rope_type", "linear", "factor", factor));
        }
    }

    /** Slow frequencies divided by a factor, fast ones kept, a ramp between (Llama 3.1). */
    record Llama3(double factor, double lowFreqFactor, double highFreqFactor, double originalPositions)
            implements RopeScaling {
        @Override
        public double scale(double frequency) {
            double wavelength = 2 * Math.PI / frequency;
            if (wavelength < originalPositions / highFreqFactor) {
                return frequency;
            }
            if (wavelength > originalPositions / lowFreqFactor) {
                return frequency / factor;
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

    /** The frequency that stands in for this one, radians a position. */
    double scale(double frequency);

    void putInto(Map<String, Object> keys);

    /** {@code rope_theta}, where transformers 4 has it or under {@code rope_parameters}, where transformers 5 does. */
    static double theta(HuggingFaceKeys keys) {
        return keys.positive("rope_theta", keys.section("rope_parameters").positive("rope_theta", 10000));
    }

    static RopeScaling of(HuggingFaceKeys keys) {
        String name = keys.values().get("rope_scaling") == null ? "rope_parameters" : "rope_scaling";
        HuggingFaceKeys section = keys.section(name);
        String type = section.text("rope_type").or(() -> section.text("type")).orElse("default");
        return switch (type) {
            case "default" -> new None();
            case "linear" -> new Linear(section.positive("factor", 1));
            case "llama3" ->
                new Llama3(
                        section.positive("factor", 8),
                        section.positive("low_freq_factor", 1),
                        section.positive("high_freq_factor", 4),
                        section.positive("original_max_position_embeddings", 8192));
            default -> throw keys.refuse(name, "is of type " + type + ", not default, linear or llama3");
        };
    }
}
