package dev.cria.weights;

import dev.cria.RequestException;
import dev.cria.UnknownKeys;
import dev.cria.model.HuggingFaceKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * A model directory's {@code generation_config.json}, and {@code config.json} where that says which tokens end a text.
 *
 * @param keys of generation_config.json; none where there is no such file
 * @param endTokens all of them, as transformers stops at each
 */
public record GenerationConfig(Path file, Map<String, Object> keys, Set<Integer> endTokens) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String END = "eos_token_id";

    /** Keys that the command line has options for, or that change no token. */
    private static final Set<String> KNOWN = Set.of(
            "_from_model_config",
            END,
            "bos_token_id",
            "pad_token_id",
            "do_sample",
            "temperature",
            "top_k",
            "top_p",
            "max_length",
            "max_new_tokens",
            "max_time",
            "num_return_sequences",
            "use_cache",
            "cache_implementation",
            "cache_config",
            "max_cache_len",
            "transformers_version",
            "return_dict_in_generate",
            "output_attentions",
            "output_hidden_states",
            "output_scores",
            "output_logits",
            "low_memory",
            "early_stopping",
            "length_penalty",
            "decoder_start_token_id",
            "num_assistant_tokens",
            "num_assistant_tokens_schedule",
            "assistant_confidence_threshold",
            "assistant_early_exit",
            "assistant_lookbehind",
            "target_lookbehind",
            "assistant_ensemble_weight",
            "prompt_lookup_num_tokens",
            "max_matching_ngram_size",
            "compile_config",
            "disable_compile",
            "prefill_chunk_size",
            "transformers.js_config");

    /** That of a model directory. */
    public static GenerationConfig of(Path directory) {
        Path file = directory.resolve("generation_config.json");
        Map<String, Object> keys = Files.isRegularFile(file) ? read(file) : Map.of();
        Set<Integer> ends = keys.get(END) == null
                ? ids(directory.resolve("config.json"), read(directory.resolve("config.json")))
                : ids(file, keys);
        return new GenerationConfig(file, keys, ends);
    }

    private static Map<String, Object> read(Path file) {
        try {
            return JSON.readValue(file, new TypeReference<LinkedHashMap<String, Object>>() {});
        } catch (JacksonException e) {
            throw new RequestException(
                    file + " is not JSON: " + e.getOriginalMessage(), "take the file from the model again");
        }
    }

    private static Set<Integer> ids(Path file, Map<String, Object> keys) {
        List<?> all =
                switch (keys.get(END)) {
                    case null -> List.of();
                    case List<?> list -> list;
                    case Object one -> List.of(one);
                };
        Set<Integer> ids = new LinkedHashSet<>();
        for (Object id : all) {
            if (!(id instanceof Integer number)) {
                throw new RequestException(
                        file + "." + END + " is " + keys.get(END) + ", not a token id or a list of them",
                        "\"" + END + "\": 2");
            }
            ids.add(number);
        }
        return ids;
    }

    /** Refuses what would choose other tokens in transformers than are chosen here. */
    public void requirePlain() {
        UnknownKeys.check(file.toString(), HuggingFaceKeys.withoutNeutral(keys), KNOWN);
    }
}
