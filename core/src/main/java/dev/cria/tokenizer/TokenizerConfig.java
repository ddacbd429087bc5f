package dev.cria.tokenizer;

import dev.cria.RequestException;
import dev.cria.UnknownKeys;
import dev.cria.tokenizer.Roles.Frame;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * What {@code tokenizer_config.json} and {@code special_tokens_map.json} say: which tokens have a role, and whether they
 * are put around a text.
 *
 * @param files parsed, by name
 */
record TokenizerConfig(Path directory, Map<String, JsonNode> files) {
    private static final List<String> NAMED =
            List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");

    /** Literals that end a text in known families, for files that don't say which does. */
    private static final List<String> USUAL_ENDS = List.of("<|endoftext|>", "<|end_of_text|>", "</s>");

    /** Keys that decide no id: those of templates, of other backends, and of how texts are cut and padded. */
    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "add_prefix_space",
            "added_tokens_decoder",
            "additional_special_tokens",
            "auto_map",
            "backend",
            "chat_template",
            "clean_up_tokenization_spaces",
            "default_chat_template",
            "errors",
            "extra_special_tokens",
            "is_local",
            "legacy",
            "local_files_only",
            "max_length",
            "max_lengths",
            "model_input_names",
            "model_max_length",
            "model_specific_special_tokens",
            "name_or_path",
            "pad_to_multiple_of",
            "pad_token_type_id",
            "padding_side",
            "processor_class",
            "return_token_type_ids",
            "sp_model_kwargs",
            "spaces_between_special_tokens",
            "special_tokens_map_file",
            "stride",
            "tokenizer_class",
            "tokenizer_file",
            "trim_offsets",
            "truncation_side",
            "truncation_strategy",
            "use_default_system_prompt",
            "use_fast",
            "add_bos_token",
            "add_eos_token");

    private JsonNode config() {
        return files.getOrDefault(TokenizerJson.CONFIG, MissingNode.getInstance());
    }

    /** Refuses keys that are not known. */
    void check() {
        config().forEachEntry((key, value) -> {
            boolean nothing =
                    value.isNull() || value.isBoolean() && !value.asBoolean() || value.isContainer() && value.isEmpty();
            if (!nothing && !WITHOUT_EFFECT.contains(key) && !key.endsWith("_token")) {
                UnknownKeys.passOver(directory.resolve(TokenizerJson.CONFIG) + "." + key, value.toString());
            }
        });
    }

    /** The literals that have a name, which are special tokens wherever the vocabulary has them. */
    Set<String> named() {
        Set<String> literals = new LinkedHashSet<>();
        for (JsonNode file : files.values()) {
            NAMED.forEach(name -> literal(file.path(name)).ifPresent(literals::add));
            for (String list : List.of("additional_special_tokens", "extra_special_tokens")) {
                file.path(list).valueStream().forEach(token -> literal(token).ifPresent(literals::add));
            }
        }
        return literals;
    }

    private static Optional<String> literal(JsonNode token) {
        JsonNode text = token.isObject() ? token.path("content") : token;
        return text.isString() ? Optional.of(text.stringValue()) : Optional.empty();
    }

    /** @param frame what the post-processor of tokenizer.json puts around a text */
    Roles roles(BpeRules rules, Frame frame) {
        OptionalInt begin = id("bos_token", rules);
        OptionalInt end = id("eos_token", rules);
        if (end.isEmpty()) {
            stated("eos_token").ifPresent(literal -> {
                throw lacking("eos_token", literal);
            });
            end = USUAL_ENDS.stream()
                    .flatMap(literal ->
                            rules.added().stream().filter(t -> t.content().equals(literal)))
                    .mapToInt(AddedToken::id)
                    .findFirst();
        }
        return new Roles(begin, end, frame(begin, end, frame));
    }

    private Optional<String> stated(String name) {
        return files.values().stream()
                .flatMap(file -> literal(file.path(name)).stream())
                .findFirst();
    }

    private OptionalInt id(String name, BpeRules rules) {
        Optional<String> literal = stated(name);
        return rules.added().stream()
                .filter(token -> literal.filter(token.content()::equals).isPresent())
                .mapToInt(AddedToken::id)
                .findFirst();
    }

    private RequestException lacking(String name, String literal) {
        return new RequestException(
                directory + ": " + name + " is \"" + literal + "\", which tokenizer.json lacks",
                "name a token of tokenizer.json in tokenizer_config.json, or take both from the same model");
    }

    /** Where the configuration says which tokens are put around a text, that is what is put around it. */
    private Frame frame(OptionalInt begin, OptionalInt end, Frame processed) {
        boolean stated = Stream.of("add_bos_token", "add_eos_token")
                .anyMatch(key -> config().path(key).isBoolean());
        if (!stated) {
            return processed;
        }
        boolean addBegin = config().path("add_bos_token").asBoolean(false);
        boolean addEnd = config().path("add_eos_token").asBoolean(false);
        if (addBegin && begin.isEmpty() && stated("bos_token").isPresent()) {
            throw lacking("bos_token", stated("bos_token").get());
        }
        return new Frame(
                addBegin ? begin.stream().toArray() : new int[0],
                addEnd ? end.stream().toArray() : new int[0]);
    }
}
