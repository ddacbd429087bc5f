package dev.cria.tune;

import dev.cria.RequestException;
import dev.cria.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The chat templates among a tokenizer's files, by name, and the special tokens that they see.
 *
 * @param templates as {@code chat_template.jinja} or {@code tokenizer_config.json} has them; a single one is "default"
 * @param tokens texts by name such as {@code bos_token}; those that the files leave out are not there
 */
record TemplateFile(Map<String, String> templates, Map<String, Object> tokens) {
    static final String DEFAULT = "default";

    private static final JsonMapper JSON = new JsonMapper();
    private static final List<String> TOKENS =
            List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");
    private static final List<String> MORE_TOKENS = List.of("additional_special_tokens", "extra_special_tokens");

    static TemplateFile of(Tokenizer tokenizer) {
        Map<String, byte[]> files = tokenizer.files();
        JsonNode config = json(files, "tokenizer_config.json");
        Map<String, String> templates = inConfig(config.path("chat_template"));
        byte[] file = files.get("chat_template.jinja");
        if (file != null) {
            templates.put(DEFAULT, new String(file, StandardCharsets.UTF_8));
        }
        Map<String, Object> tokens = tokens(json(files, "special_tokens_map.json"));
        tokens.putAll(tokens(config));
        return new TemplateFile(templates, tokens);
    }

    private static JsonNode json(Map<String, byte[]> files, String name) {
        byte[] content = files.getOrDefault(name, "{}".getBytes(StandardCharsets.UTF_8));
        return JSON.readTree(new String(content, StandardCharsets.UTF_8));
    }

    private static Map<String, String> inConfig(JsonNode node) {
        Map<String, String> templates = new LinkedHashMap<>();
        if (node.isString()) {
            templates.put(DEFAULT, node.stringValue());
        }
        for (JsonNode entry : node.isArray() ? node : List.<JsonNode>of()) {
            if (entry.path("name").isString() && entry.path("template").isString()) {
                templates.put(
                        entry.path("name").stringValue(), entry.path("template").stringValue());
            }
        }
        return templates;
    }

    private static Map<String, Object> tokens(JsonNode config) {
        Map<String, Object> tokens = new HashMap<>();
        for (String name : TOKENS) {
            literal(config.path(name)).ifPresent(token -> tokens.put(name, token));
        }
        for (String name : MORE_TOKENS) {
            JsonNode more = config.path(name);
            if (more.isObject()) {
                more.forEachEntry((key, token) -> literal(token).ifPresent(text -> tokens.put(key, text)));
            } else if (more.isArray()) {
                List<String> texts = new ArrayList<>();
                more.forEach(token -> literal(token).ifPresent(texts::add));
                tokens.put(name, texts);
            }
        }
        return tokens;
    }

    private static Optional<String> literal(JsonNode token) {
        JsonNode text = token.isObject() ? token.path("content") : token;
        return text.isString() ? Optional.of(text.stringValue()) : Optional.empty();
    }

    /** The template of a name. */
    String named(String name) {
        String template = templates.get(name);
        if (template != null) {
            return template;
        }
        if (templates.isEmpty()) {
            throw new RequestException("the model's tokenizer has no chat_template", Template.ANOTHER);
        }
        throw new RequestException(
                "the tokenizer has no chat template named " + name + ", but " + String.join(", ", templates.keySet()),
                "--set data.template=chat_template:"
                        + templates.keySet().iterator().next());
    }
}
