package dev.cria.model;

import dev.cria.RequestException;
import dev.cria.UnknownKeys;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The keys of a {@code config.json} or of a {@code model:} section, read with their types checked.
 *
 * @param source where they stand, for messages: a file, or {@code model}
 */
public record HuggingFaceKeys(String source, Map<String, Object> values) {

    /** Keys that change neither logits nor losses: of other heads, of storage, of how a library runs. */
    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "_attn_implementation",
            "_attn_implementation_autoset",
            "_name_or_path",
            "architectures",
            "attn_implementation",
            "auto_map",
            "bos_token_id",
            "chunk_size_feed_forward",
            "decoder_start_token_id",
            "do_sample",
            "dtype",
            "early_stopping",
            "eos_token_id",
            "finetuning_task",
            "gradient_checkpointing",
            "id2label",
            "initializer_range",
            "is_decoder",
            "is_llama_config",
            "label2id",
            "length_penalty",
            "max_length",
            "max_sequence_length",
            "model_type",
            "num_labels",
            "num_return_sequences",
            "output_attentions",
            "output_hidden_states",
            "pad_token_id",
            "pretraining_tp",
            "problem_type",
            "return_dict",
            "sep_token_id",
            "task_specific_params",
            "temperature",
            "tie_word_embeddings",
            "tokenizer_class",
            "top_k",
            "top_p",
            "torch_dtype",
            "transformers.js_config",
            "transformers_version",
            "unk_token_id",
            "unsloth_fixed",
            "unsloth_version",
            "use_cache",
            "vocab_size");

    /** Keys that change logits or which tokens are chosen, and the value at which they don't. */
    private static final Map<String, Double> NEUTRAL = Map.ofEntries(
            Map.entry("partial_rotary_factor", 1.0),
            Map.entry("repetition_penalty", 1.0),
            Map.entry("encoder_repetition_penalty", 1.0),
            Map.entry("num_beams", 1.0),
            Map.entry("num_beam_groups", 1.0),
            Map.entry("diversity_penalty", 0.0),
            Map.entry("typical_p", 1.0),
            Map.entry("epsilon_cutoff", 0.0),
            Map.entry("eta_cutoff", 0.0),
            Map.entry("min_p", 0.0),
            Map.entry("min_length", 0.0),
            Map.entry("min_new_tokens", 0.0),
            Map.entry("no_repeat_ngram_size", 0.0),
            Map.entry("encoder_no_repeat_ngram_size", 0.0),
            Map.entry("guidance_scale", 1.0),
            Map.entry("penalty_alpha", 0.0));

    Optional<String> text(String key) {
        return Optional.ofNullable(values.get(key)).map(String::valueOf);
    }

    int size(String key) {
        return optionalSize(key)
                .orElseThrow(() -> new RequestException(
                        source + " has no " + key, "name a preset, or give " + key + " and the other sizes"));
    }

    Optional<Integer> optionalSize(String key) {
        return switch (values.get(key)) {
            case null -> Optional.empty();
            case Number n when n.doubleValue() == n.intValue() && n.intValue() > 0 -> Optional.of(n.intValue());
            case Object other -> throw refuse(key, "is " + other + ", not a whole number above 0");
        };
    }

    double number(String key, double otherwise) {
        return switch (values.get(key)) {
            case null -> otherwise;
            case Number n -> n.doubleValue();
            case Object other -> throw refuse(key, "is " + other + ", not a number");
        };
    }

    /** A number above 0. */
    double positive(String key, double otherwise) {
        double number = number(key, otherwise);
        if (!(number > 0 && number < Double.POSITIVE_INFINITY)) {
            throw refuse(key, "is " + number + ", not a number above 0");
        }
        return number;
    }

    /** A number above 0 that has no default. */
    double required(String key) {
        if (values.get(key) == null) {
            throw new RequestException(
                    source + "." + key + " is missing", "give the value that the model was made with");
        }
        return positive(key, 1);
    }

    /** A number above 0 where the key is there, which null is not. */
    double positiveUnlessAbsent(String key, double otherwise) {
        return values.containsKey(key) ? required(key) : otherwise;
    }

    boolean flag(String key, boolean otherwise) {
        return switch (values.get(key)) {
            case null -> otherwise;
            case Boolean b -> b;
            case Object other -> throw refuse(key, "is " + other + ", not true or false");
        };
    }

    /** A token id; the first where there are several. */
    Optional<Integer> id(String key) {
        return switch (values.get(key)) {
            case null -> Optional.empty();
            case Number n -> Optional.of(n.intValue());
            case java.util.List<?> several
            when !several.isEmpty() && several.getFirst() instanceof Number n -> Optional.of(n.intValue());
            case Object other -> throw refuse(key, "is " + other + ", not a token id");
        };
    }

    /** A section, empty where there is none. */
    @SuppressWarnings("unchecked")
    HuggingFaceKeys section(String key) {
        return switch (values.get(key)) {
            case null -> new HuggingFaceKeys(source + "." + key, Map.of());
            case Map<?, ?> map -> new HuggingFaceKeys(source + "." + key, (Map<String, Object>) map);
            case Object other -> throw refuse(key, "is " + other + ", not a section");
        };
    }

    /** Refuses keys that are neither known, without effect nor at the value at which they have none. */
    void requireKnown(Set<String> known) {
        UnknownKeys.check(
                source,
                withoutNeutral(values),
                Stream.concat(known.stream(), WITHOUT_EFFECT.stream()).collect(Collectors.toSet()));
    }

    /** Keys but those that have no effect at the value that they have. */
    public static Map<String, Object> withoutNeutral(Map<String, Object> keys) {
        Map<String, Object> others = new LinkedHashMap<>(keys);
        others.entrySet()
                .removeIf(e -> e.getValue() instanceof Number n
                        && Double.valueOf(n.doubleValue()).equals(NEUTRAL.get(e.getKey())));
        return others;
    }

    /** Refuses another value than the only one that is computed here. */
    void requireFlag(String key, boolean only) {
        if (flag(key, only) != only) {
            throw refuse(key, "is " + !only + ", not " + only);
        }
    }

    RequestException refuse(String key, String why) {
        return new RequestException(source + "." + key + " " + why, "see docs/interop.md for what is supported");
    }
}
