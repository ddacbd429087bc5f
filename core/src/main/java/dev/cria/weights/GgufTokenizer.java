package dev.cria.weights;

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
import java.util.OptionalInt;
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
        requireBytes(file);
        keys.put("tokenizer.ggml.pre", pattern(file.path("pre_tokenizer")));
        keys.put("tokenizer.ggml.tokens", Collections.unmodifiableList(Arrays.asList(tokens)));
        keys.put("tokenizer.ggml.token_type", kinds);
        keys.put("tokenizer.ggml.merges", merges(file.path("model").path("merges")));
        tokenizer.endOfText().ifPresent(id -> keys.put("tokenizer.ggml.eos_token_id", id));
        tokenizer.roles().begin().ifPresent(id -> keys.put("tokenizer.ggml.bos_token_id", id));
        named(config.path("pad_token"), tokens).ifPresent(id -> keys.put("tokenizer.ggml.padding_token_id", id));
        named(config.path("unk_token"), tokens).ifPresent(id -> keys.put("tokenizer.ggml.unknown_token_id", id));
        keys.put(
                "tokenizer.ggml.add_bos_token",
                isAdded(tokenizer.roles().frame().before(), tokenizer.roles().begin()));
        keys.put(
                "tokenizer.ggml.add_eos_token",
                isAdded(tokenizer.roles().frame().after(), tokenizer.endOfText()));
        chatTemplate(files, config).ifPresent(template -> keys.put("tokenizer.chat_template", template));
        return keys;
    }

    private static JsonNode parsed(Map<String, byte[]> files, String name) {
        byte[] content = files.getOrDefault(name, "{}".getBytes(StandardCharsets.UTF_8));
        return JSON.readTree(content);
    }

    /** llama.cpp puts no other tokens around a text than these. */
    private static boolean isAdded(int[] framing, OptionalInt id) {
        if (framing.length > 1 || framing.length == 1 && (id.isEmpty() || framing[0] != id.getAsInt())) {
            throw new RequestException(
                    "the tokenizer puts tokens " + Arrays.toString(framing)
                            + " around a text, and GGUF has bos and eos for that",
                    "--format hf writes every tokenizer");
        }
        return framing.length == 1;
    }

    /** llama.cpp normalizes no text, and composed characters are what nearly all texts have. */
    private static void requireBytes(JsonNode file) {
        String normalizer = file.path("normalizer").path("type").asString("NFC");
        boolean leads = file.path("pre_tokenizer").toString().contains("\"add_prefix_space\":true");
        if (!normalizer.equals("NFC") || leads) {
            throw new RequestException(
                    "the tokenizer " + (leads ? "puts a space before texts" : "normalizes texts by " + normalizer)
                            + ", which llama.cpp doesn't",
                    "--format hf writes every tokenizer; GGUF carries those of GPT-2, Llama 3, Qwen 2 and SmolLM");
        }
    }

    private static Optional<String> chatTemplate(Map<String, byte[]> files, JsonNode config) {
        byte[] file = files.get("chat_template.jinja");
        if (file != null) {
            return Optional.of(new String(file, StandardCharsets.UTF_8));
        }
        JsonNode given = config.path("chat_template");
        JsonNode template = given.valueStream()
                .filter(named -> named.path("name").asString("").equals("default"))
                .findFirst()
                .map(named -> named.path("template"))
                .orElse(given);
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

    /** Each digit alone, then GPT-2's pattern. */
    private static boolean isDigitsThenBytes(JsonNode preTokenizer) {
        JsonNode stages = preTokenizer.path("pretokenizers");
        return stages.size() == 2
                && stages.path(0).path("type").asString("").equals("Digits")
                && stages.path(0).path("individual_digits").asBoolean(false)
                && stages.path(1).path("type").asString("").equals("ByteLevel")
                && stages.path(1).path("use_regex").asBoolean(true);
    }

    /** The id of a role that {@code tokenizer_config.json} names, as text or as an added token. */
    private static OptionalInt named(JsonNode role, String[] tokens) {
        String content = role.isObject() ? role.path("content").asString("") : role.asString("");
        int id = content.isEmpty() ? -1 : Arrays.asList(tokens).indexOf(content);
        return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** llama.cpp splits texts by patterns that it knows by name; another pattern would give other ids silently. */
    private static String pattern(JsonNode preTokenizer) {
        String text = preTokenizer.toString();
        if (isDigitsThenBytes(preTokenizer)) {
            return "smollm";
        }
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
                "--format hf writes every tokenizer; GGUF carries those of GPT-2, Llama 3, Qwen 2 and SmolLM");
    }
}
