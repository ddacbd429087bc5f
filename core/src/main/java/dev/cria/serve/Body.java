package dev.cria.serve;

import static java.util.Map.entry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** A request's JSON. A key that is null is not there; one that nobody knows, or that asks for what is not here, is refused by name. */
record Body(JsonNode json) {
    /** Keys that change no answer. */
    private static final Set<String> IGNORED =
            Set.of("user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key");

    /** Keys that are not followed, and the value that asks for nothing. */
    private static final Map<String, Predicate<JsonNode>> NEUTRAL = Map.ofEntries(
            entry("presence_penalty", v -> v.isNumber() && v.doubleValue() == 0),
            entry("frequency_penalty", v -> v.isNumber() && v.doubleValue() == 0),
            entry("best_of", v -> v.isNumber() && v.doubleValue() == 1),
            entry("suffix", v -> v.isString() && v.stringValue().isEmpty()),
            entry("response_format", v -> v.path("type").asString("").equals("text")),
            entry("tools", v -> v.isArray() && v.isEmpty()),
            entry("tool_choice", v -> v.asString("").equals("none")),
            entry("modalities", v -> v.toString().equals("[\"text\"]")),
            entry("stream_options.include_obfuscation", v -> v.isBoolean() && !v.booleanValue()),
            entry("messages.annotations", v -> v.isArray() && v.isEmpty()));

    static Body of(String text) {
        try {
            JsonNode json = Json.MAPPER.readTree(text);
            if (json == null || !json.isObject()) {
                throw ApiError.wrong("", "The body is not a JSON object.");
            }
            return new Body(json);
        } catch (JacksonException e) {
            throw ApiError.wrong("", "The body is not JSON: " + e.getOriginalMessage());
        }
    }

    void requireKnown(Set<String> known) {
        Set<String> all = new HashSet<>(known);
        all.addAll(IGNORED);
        requireKnown("", all);
    }

    /** @param within what stands before the keys' names */
    void requireKnown(String within, Set<String> known) {
        json.forEachEntry((key, value) -> {
            if (known.contains(key) || value.isNull()) {
                return;
            }
            if (!NEUTRAL.getOrDefault(within + key, _ -> false).test(value)) {
                String name = within + cut(key);
                throw ApiError.wrong(name, "'" + name + "' is not supported here; leave it out.");
            }
        });
    }

    /** An object within the body, none of whose keys may be unknown; empty where it is not there. */
    Body within(String key, Set<String> known) {
        Body part = new Body(get(key).orElseGet(Json::object));
        if (!part.json.isObject()) {
            throw ApiError.wrong(key, "'" + key + "' is not an object.");
        }
        part.requireKnown(key + ".", known);
        return part;
    }

    private static String cut(String key) {
        return key.length() > 64 ? key.substring(0, 64) + "…" : key;
    }

    Optional<JsonNode> get(String key) {
        JsonNode value = json.path(key);
        return value.isMissingNode() || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    Optional<String> text(String key) {
        return get(key).map(value -> {
            if (!value.isString()) {
                throw ApiError.wrong(key, "'" + key + "' is not a string.");
            }
            return value.stringValue();
        });
    }

    boolean flag(String key) {
        return get(key).map(value -> {
                    if (!value.isBoolean()) {
                        throw ApiError.wrong(key, "'" + key + "' is neither true nor false.");
                    }
                    return value.booleanValue();
                })
                .orElse(false);
    }

    Optional<Integer> whole(String key, int least, int most) {
        return get(key).map(value -> {
            if (!value.isIntegralNumber() || !value.canConvertToInt()) {
                throw ApiError.wrong(key, "'" + key + "' is not a whole number.");
            }
            int number = value.intValue();
            if (number < least || number > most) {
                throw ApiError.wrong(key, "'%s' is %d, not from %d to %d.".formatted(key, number, least, most));
            }
            return number;
        });
    }

    Optional<Long> wholeLong(String key) {
        return get(key).map(value -> {
            if (!value.isIntegralNumber() || !value.canConvertToLong()) {
                throw ApiError.wrong(key, "'" + key + "' is not a whole number.");
            }
            return value.longValue();
        });
    }

    double number(String key, double otherwise, double least, double most) {
        return get(key).map(value -> {
                    if (!value.isNumber() || !(value.doubleValue() >= least && value.doubleValue() <= most)) {
                        throw ApiError.wrong(key, "'%s' is not a number from %s to %s.".formatted(key, least, most));
                    }
                    return value.doubleValue();
                })
                .orElse(otherwise);
    }

    /** One string, or a list of at most so many. */
    List<String> texts(String key, int most) {
        JsonNode value = get(key).orElse(Json.array());
        List<String> texts = new ArrayList<>();
        for (JsonNode one : value.isArray() ? value : List.of(value)) {
            if (!one.isString() || one.stringValue().isEmpty() || texts.size() == most) {
                throw ApiError.wrong(key, "'" + key + "' is not a string or a list of at most " + most + " of them.");
            }
            texts.add(one.stringValue());
        }
        return texts;
    }

    /** {@code {"50256": -100}} */
    Map<Integer, Float> bias() {
        Map<Integer, Float> bias = new HashMap<>();
        get("logit_bias").ifPresent(all -> {
            if (!all.isObject() || all.size() > 1024) {
                throw ApiError.wrong("logit_bias", "'logit_bias' is not an object of at most 1024 token ids.");
            }
            all.forEachEntry((id, value) -> {
                if (!id.matches("\\d{1,9}") || !value.isNumber() || !(Math.abs(value.doubleValue()) <= 100)) {
                    throw ApiError.wrong("logit_bias", "'logit_bias' has token ids and numbers from -100 to 100.");
                }
                bias.put(Integer.parseInt(id), value.floatValue());
            });
        });
        return bias;
    }
}
