package dev.cria.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What sets the members of the dense Llama family apart, as switches.
 *
 * @param modelType the member, which decides on the keys that are read and their defaults
 * @param attentionBias whether all four projections of the attention have biases; Qwen2 has three, with no key for it
 * @param mlpBias whether the projections of the feed-forward have biases; LLaMA and SmolLM3
 * @param slidingWindow positions that a token sees in sliding layers, itself included; at least 1, or null for all
 * @param layerTypes full_attention or sliding_attention for each layer; Qwen2, Qwen3 and SmolLM3
 * @param noRopeLayers 1 for each layer with rotary positions and 0 for each without; SmolLM3
 */
public record LlamaVariant(
        Family modelType,
        boolean attentionBias,
        boolean mlpBias,
        OptionalInt slidingWindow,
        List<String> layerTypes,
        List<Integer> noRopeLayers) {
    private static final String FULL = "full_attention";
    private static final String SLIDING = "sliding_attention";

    /** LLaMA itself. */
    public static final LlamaVariant PLAIN =
            new LlamaVariant(Family.LLAMA, false, false, OptionalInt.empty(), List.of(), List.of());

    /** The members, with what transformers takes where a file has no such key. */
    public enum Family {
        LLAMA("LLaMA", "LlamaForCausalLM", OptionalInt.empty(), OptionalInt.empty(), 10_000, false),
        MISTRAL("Mistral", "MistralForCausalLM", OptionalInt.of(8), OptionalInt.empty(), 10_000, false),
        QWEN2("Qwen2", "Qwen2ForCausalLM", OptionalInt.of(32), OptionalInt.empty(), 10_000, false),
        QWEN3("Qwen3", "Qwen3ForCausalLM", OptionalInt.of(32), OptionalInt.of(128), 10_000, false),
        SMOLLM3("SmolLM3", "SmolLM3ForCausalLM", OptionalInt.of(4), OptionalInt.empty(), 2_000_000, true);

        final String title;
        final String architecture;
        final OptionalInt kvHeads; // none: as many as query heads
        final OptionalInt headDim; // none: hidden / heads
        final double ropeTheta;
        final boolean tiesEmbeddings;

        Family(
                String title,
                String architecture,
                OptionalInt kvHeads,
                OptionalInt headDim,
                double ropeTheta,
                boolean tiesEmbeddings) {
            this.title = title;
            this.architecture = architecture;
            this.kvHeads = kvHeads;
            this.headDim = headDim;
            this.ropeTheta = ropeTheta;
            this.tiesEmbeddings = tiesEmbeddings;
        }

        static Optional<Family> called(String modelType) {
            return Arrays.stream(values())
                    .filter(f -> f.modelType().equals(modelType))
                    .findFirst();
        }

        static List<String> names() {
            return Arrays.stream(values()).map(Family::modelType).toList();
        }

        String modelType() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The keys that it reads, with those that all read. */
        Set<String> known(Set<String> all) {
            List<String> own =
                    switch (this) {
                        case LLAMA -> List.of();
                        case MISTRAL -> List.of("sliding_window");
                        case QWEN2, QWEN3 ->
                            List.of("use_sliding_window", "sliding_window", "max_window_layers", "layer_types");
                        case SMOLLM3 ->
                            List.of(
                                    "use_sliding_window",
                                    "sliding_window",
                                    "max_window_layers",
                                    "layer_types",
                                    "no_rope_layers",
                                    "no_rope_layer_interval");
                    };
            return Stream.concat(all.stream(), own.stream()).collect(Collectors.toSet());
        }

        private boolean hasAttentionBias() {
            return this != MISTRAL && this != QWEN2;
        }

        private boolean hasMlpBias() {
            return this == LLAMA || this == SMOLLM3;
        }

        private boolean hasLayerTypes() {
            return this == QWEN2 || this == QWEN3 || this == SMOLLM3;
        }
    }

    public LlamaVariant {
        layerTypes = List.copyOf(layerTypes);
        noRopeLayers = List.copyOf(noRopeLayers);
    }

    static LlamaVariant of(HuggingFaceKeys keys, Family family, int layers) {
        boolean attentionBias = keys.flag("attention_bias", false);
        if (attentionBias && !family.hasAttentionBias()) {
            throw keys.refuse("attention_bias", "is true, and " + family.title + " has no such key");
        }
        boolean mlpBias = keys.flag("mlp_bias", false);
        if (mlpBias && !family.hasMlpBias()) {
            throw keys.refuse("mlp_bias", "is true, and " + family.title + " has no such key");
        }
        List<Integer> noRope = family == Family.SMOLLM3 ? noRopeLayers(keys, layers) : List.of();
        OptionalInt window = slidingWindow(keys, family);
        List<String> types = family.hasLayerTypes() ? layerTypes(keys, family, layers, window, noRope) : List.of();
        return new LlamaVariant(family, attentionBias, mlpBias, window, types, noRope);
    }

    private static OptionalInt slidingWindow(HuggingFaceKeys keys, Family family) {
        boolean used = family == Family.MISTRAL || family.hasLayerTypes() && keys.flag("use_sliding_window", false);
        Optional<Integer> given = keys.optionalSize("sliding_window");
        if (!used) {
            return OptionalInt.empty();
        }
        boolean isNone = keys.values().containsKey("sliding_window") || family == Family.SMOLLM3;
        return given.map(OptionalInt::of).orElse(isNone ? OptionalInt.empty() : OptionalInt.of(4096));
    }

    private static List<Integer> noRopeLayers(HuggingFaceKeys keys, int layers) {
        int interval = keys.optionalSize("no_rope_layer_interval").orElse(4);
        List<?> given = list(keys, "no_rope_layers").orElseGet(() -> IntStream.rangeClosed(1, layers)
                .mapToObj(layer -> layer % interval == 0 ? 0 : 1)
                .toList());
        if (given.size() < layers) {
            throw keys.refuse("no_rope_layers", "has " + given.size() + " entries for " + layers + " layers");
        }
        List<Integer> rotated = new ArrayList<>();
        for (Object entry : given.subList(0, layers)) {
            if (!(entry instanceof Number number) || number.doubleValue() != 0 && number.doubleValue() != 1) {
                throw keys.refuse("no_rope_layers", "holds " + entry + ", neither 0 nor 1");
            }
            rotated.add(number.intValue());
        }
        return rotated;
    }

    private static List<String> layerTypes(
            HuggingFaceKeys keys, Family family, int layers, OptionalInt window, List<Integer> noRope) {
        int fullLayers =
                keys.number("max_window_layers", 28) < layers ? (int) keys.number("max_window_layers", 28) : layers;
        List<?> types = list(keys, "layer_types").orElseGet(() -> IntStream.range(0, layers)
                .mapToObj(i -> family == Family.SMOLLM3 ? noRope.get(i) == 0 : i >= fullLayers)
                .map(slides -> slides && window.isPresent() ? SLIDING : FULL)
                .toList());
        if (types.size() != layers) {
            throw keys.refuse("layer_types", "has " + types.size() + " entries for " + layers + " layers");
        }
        List<String> known = new ArrayList<>();
        for (Object type : types) {
            if (!FULL.equals(type) && !SLIDING.equals(type)) {
                throw keys.refuse("layer_types", "holds " + type + ", neither " + FULL + " nor " + SLIDING);
            }
            if (SLIDING.equals(type) && window.isEmpty()) {
                throw keys.refuse("layer_types", "holds " + SLIDING + ", and there is no sliding_window in use");
            }
            known.add(type.toString());
        }
        return known;
    }

    private static Optional<List<?>> list(HuggingFaceKeys keys, String key) {
        return switch (keys.values().get(key)) {
            case null -> Optional.empty();
            case List<?> list -> Optional.of(list);
            case Object other -> throw keys.refuse(key, "is " + other + ", not a list");
        };
    }

    /** Whether the projections of queries, keys and values have biases. */
    boolean hasInputBias() {
        return attentionBias || modelType == Family.QWEN2;
    }

    /** Whether each head of queries and keys is normed. */
    boolean normsHeads() {
        return modelType == Family.QWEN3;
    }

    /** Positions that a token of a layer sees at most. */
    int window(int layer) {
        boolean slides = modelType == Family.MISTRAL
                || !layerTypes.isEmpty() && layerTypes.get(layer).equals(SLIDING);
        return slides ? slidingWindow.orElse(Attention.Layer.UNBOUNDED) : Attention.Layer.UNBOUNDED;
    }

    /** Whether a layer turns queries and keys by their positions. */
    boolean rotates(int layer) {
        return noRopeLayers.isEmpty() || noRopeLayers.get(layer) == 1;
    }

    /** The keys that name layers, for another number of them. */
    void putDepthInto(Map<String, Object> keys, int layers) {
        if (!layerTypes.isEmpty()) {
            keys.put("layer_types", repeated(layerTypes, layers));
        }
        if (!noRopeLayers.isEmpty()) {
            keys.put("no_rope_layers", repeated(noRopeLayers, layers));
        }
    }

    private static <T> List<T> repeated(List<T> entries, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> entries.get(i % entries.size()))
                .toList();
    }

    /** The keys of {@code config.json} that this member has. */
    void putInto(Map<String, Object> keys, int layers) {
        keys.put("architectures", List.of(modelType.architecture));
        keys.put("model_type", modelType.modelType());
        if (modelType.hasAttentionBias()) {
            keys.put("attention_bias", attentionBias);
        }
        if (modelType.hasMlpBias()) {
            keys.put("mlp_bias", mlpBias);
        }
        if (modelType == Family.SMOLLM3) {
            keys.put("pad_token_id", null); // else transformers takes SmolLM3's own, whatever the vocabulary
        }
        if (modelType.hasLayerTypes()) {
            keys.put("use_sliding_window", slidingWindow.isPresent());
            int first = layerTypes.indexOf(SLIDING);
            keys.put("max_window_layers", first < 0 ? layers : first);
        }
        if (modelType == Family.MISTRAL || modelType.hasLayerTypes()) {
            keys.put("sliding_window", slidingWindow.isPresent() ? (Object) slidingWindow.getAsInt() : null);
        }
        putDepthInto(keys, layers);
    }
}
