package dev.cria.model;

import dev.cria.RequestException;
import dev.cria.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A byte-level BPE tokenizer as the keys of a GGUF file, from the {@code tokenizer.json} that it carries. */
final class GgufTokenizer {
    private static final JsonMapper JSON = new JsonMapper();

    /** llama.cpp's kinds of tokens. */
    private static final int NORMAL = 1;

    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;

    private GgufTokenizer() {}

    /** @param size ids of the model; those that no token has are marked as unused */
    static Map<String, Object> keys(Tokenizer tokenizer, int size) {
        Map<String, byte[]> files = tokenizer.files();
        JsonNode file = parsed(files, "tokenizer.json");
        JsonNode config = parsed(files, "tokenizer_config.json");
        String[] tokens = new String[size];
        int[] kinds = new int[size];
        for (int id = 0; id < size; id++) {
            tokens[id] = "[PAD" + id + "]";
        }
        Arrays.fill(kinds, UNUSED);
        file.path("model").path("vocab").forEachEntry((token, id) -> {
            tokens[id.intValue()] = token;
            kinds[id.intValue()] = NORMAL;
        });
        for (JsonNode added : file.path("added_tokens")) {
            int id = added.path("id").intValue();
            tokens[id] = added.path("content").stringValue();
            kinds[id] = added.path("special").asBoolean(false) ? CONTROL : USER_DEFINED;
        }
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("tokenizer.ggml.model", "gpt2");
        keys.put("tokenizer.ggml.pre", pattern(file.path("pre_tokenizer")));
        keys.put("tokenizer.ggml.tokens", Collections.unmodifiableList(Arrays.asList(tokens)));
        keys.put("tokenizer.ggml.token_type", kinds);
        keys.put("tokenizer.ggml.merges", merges(file.path("model").path("merges")));
        tokenizer.endOfText().ifPresent(id -> keys.put("tokenizer.ggml.eos_token_id", id));
        id(tokenizer, config.path("bos_token")).ifPresent(id -> keys.put("tokenizer.ggml.bos_token_id", id));
        keys.put("tokenizer.ggml.add_bos_token", config.path("add_bos_token").asBoolean(false));
        chatTemplate(files, config).ifPresent(template -> keys.put("tokenizer.chat_template", template));
        return keys;
    }

    private static JsonNode parsed(Map<String, byte[]> files, String name) {
        byte[] content = files.getOrDefault(name, "{}".getBytes(StandardCharsets.UTF_8));
        return JSON.readTree(content);
    }

    private static Optional<Integer> id(Tokenizer tokenizer, JsonNode token) {
        String literal = token.isObject() ? token.path("content").asString("") : token.asString("");
        return Optional.ofNullable(tokenizer.specialTokens().get(literal));
    }

    private static Optional<String> chatTemplate(Map<String, byte[]> files, JsonNode config) {
        byte[] file = files.get("chat_template.jinja");
        if (file != null) {
            return Optional.of(new String(file, StandardCharsets.UTF_8));
        }
        JsonNode template = config.path("chat_template");
        return template.isString() ? Optional.of(template.stringValue()) : Optional.empty();
    }

    /** Both forms of a merge, {@code "a b"} and {@code ["a", "b"]}, as the first. */
    private static List<String> merges(JsonNode list) {
        List<String> merges = new ArrayList<>(list.size());
        for (JsonNode merge : list) {
            merges.add(
                    merge.isArray()
                            ? merge.path(0).stringValue() + " " + merge.path(1).stringValue()
                            : merge.stringValue());
        }
        return merges;
    }

    /** llama.cpp splits texts by patterns that it knows by name; another pattern would give other ids silently. */
    private static String pattern(JsonNode preTokenizer) {
        String text = preTokenizer.toString();
        if (preTokenizer.path("type").asString("").equals("ByteLevel")
                && preTokenizer.path("use_regex").asBoolean(true)) {
            return "gpt-2";
        }
        if (text.contains("\\\\p{N}{1,3}| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*")) {
            return "llama-bpe";
        }
        if (text.contains("|\\\\p{N}| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*")) {
            return "qwen2";
        }
        throw new RequestException(
                "the tokenizer splits texts by a pattern that llama.cpp has no name for",
                "--format hf writes every tokenizer; GGUF carries those of GPT-2, Llama 3 and Qwen 2");
    }
}
