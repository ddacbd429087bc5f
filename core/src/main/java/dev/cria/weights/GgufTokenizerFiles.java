package dev.cria.weights;

import dev.cria.RequestException;
import dev.cria.format.GgufFile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import tools.jackson.databind.json.JsonMapper;

/** The tokenizer that a GGUF file carries, as the files that Hugging Face has of it. */
final class GgufTokenizerFiles {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String PREFIX = "tokenizer.ggml.";

    /** The longest token that merges are looked for in. */
    private static final int LONGEST_TOKEN = 256;

    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;

    private static final String LLAMA3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}%s|"
            + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private final GgufFile file;
    private final List<?> tokens;
    private final List<?> kinds;

    private GgufTokenizerFiles(GgufFile file, List<?> tokens) {
        this.file = file;
        this.tokens = tokens;
        this.kinds = list("token_type").orElse(List.of());
    }

    /** tokenizer.json and tokenizer_config.json; none where the file carries no tokenizer. */
    static Map<String, String> of(GgufFile file) {
        Object model = file.keys().get(PREFIX + "model");
        if (!(file.keys().get(PREFIX + "tokens") instanceof List<?> tokens) || model == null) {
            return Map.of();
        }
        GgufTokenizerFiles made = new GgufTokenizerFiles(file, tokens);
        made.requireSound();
        Map<String, Object> json =
                switch (model.toString()) {
                    case "gpt2" -> made.bytes();
                    case "llama" -> made.characters();
                    default -> throw made.refuse(PREFIX + "model is " + model);
                };
        return Map.of(
                "tokenizer.json", JSON.writeValueAsString(json),
                "tokenizer_config.json", JSON.writeValueAsString(made.config()));
    }

    private RequestException refuse(String what) {
        return new RequestException(
                file.path() + ": " + what + ", which is not read", "take the model's own tokenizer.json");
    }

    private void requireSound() {
        if (!tokens.stream().allMatch(String.class::isInstance) || !kinds.isEmpty() && kinds.size() != tokens.size()) {
            throw file.damaged("its tokens and their types do not fit together");
        }
        for (String role : List.of("bos_token_id", "eos_token_id")) {
            if (file.keys().get(PREFIX + role) instanceof Long id && (id < 0 || id >= tokens.size())) {
                throw file.damaged(role + " is " + id + " of " + tokens.size() + " tokens");
            }
        }
    }

    private Optional<List<?>> list(String key) {
        return file.keys().get(PREFIX + key) instanceof List<?> list ? Optional.of(list) : Optional.empty();
    }

    private boolean flag(String key, boolean otherwise) {
        return file.keys().get(PREFIX + key) instanceof Boolean flag ? flag : otherwise;
    }

    private Optional<String> token(String role) {
        return file.keys().get(PREFIX + role) instanceof Long id
                ? Optional.of(tokens.get(id.intValue()).toString())
                : Optional.empty();
    }

    private boolean is(int id, int kind) {
        return !kinds.isEmpty() && kinds.get(id) instanceof Long given && given == kind;
    }

    private Map<String, Object> vocabulary() {
        Map<String, Object> vocabulary = new LinkedHashMap<>();
        for (int id = 0; id < tokens.size(); id++) {
            if (!is(id, UNUSED)) {
                vocabulary.putIfAbsent(tokens.get(id).toString(), id);
            }
        }
        return vocabulary;
    }

    private List<Map<String, Object>> added() {
        return IntStream.range(0, tokens.size())
                .filter(id -> is(id, CONTROL) || is(id, USER_DEFINED) || is(id, UNKNOWN))
                .mapToObj(id -> {
                    Map<String, Object> token = new LinkedHashMap<>();
                    token.put("id", id);
                    token.put("content", tokens.get(id));
                    token.put("single_word", false);
                    token.put("lstrip", false);
                    token.put("rstrip", false);
                    token.put("normalized", false);
                    token.put("special", !is(id, USER_DEFINED));
                    return token;
                })
                .toList();
    }

    private Map<String, Object> json(Map<String, Object> model) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("version", "1.0");
        json.put("added_tokens", added());
        json.put("model", model);
        return json;
    }

    /** Byte-level BPE; llama.cpp names the pattern that texts are split by. */
    private Map<String, Object> bytes() {
        String pre = String.valueOf(file.keys().getOrDefault(PREFIX + "pre", "gpt-2"));
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("type", "BPE");
        model.put("ignore_merges", pre.equals("llama-bpe"));
        model.put("vocab", vocabulary());
        model.put("merges", list("merges").orElseThrow(() -> file.damaged("its tokenizer has no merges")));
        Map<String, Object> json = json(model);
        switch (pre) {
            case "gpt-2" -> json.put("pre_tokenizer", byteLevel(true));
            case "llama-bpe", "llama3", "llama-v3" -> json.put("pre_tokenizer", split("{1,3}"));
            case "qwen2" -> {
                json.put("normalizer", Map.of("type", "NFC"));
                json.put("pre_tokenizer", split(""));
            }
            case "smollm" ->
                json.put(
                        "pre_tokenizer",
                        sequence(
                                "pretokenizers",
                                List.of(Map.of("type", "Digits", "individual_digits", true), byteLevel(true))));
            default -> throw refuse(PREFIX + "pre is " + pre);
        }
        json.put("decoder", byteLevel(true));
        putFrame(json, pre.startsWith("llama"));
        return json;
    }

    private static Map<String, Object> byteLevel(boolean regex) {
        return Map.of("type", "ByteLevel", "add_prefix_space", false, "trim_offsets", true, "use_regex", regex);
    }

    private static Map<String, Object> sequence(String key, List<Map<String, Object>> stages) {
        return Map.of("type", "Sequence", key, stages);
    }

    private static Map<String, Object> split(String digits) {
        return sequence(
                "pretokenizers",
                List.of(
                        Map.of(
                                "type",
                                "Split",
                                "pattern",
                                Map.of("Regex", LLAMA3.formatted(digits)),
                                "behavior",
                                "Isolated",
                                "invert",
                                false),
                        byteLevel(false)));
    }

    /** SentencePiece's BPE, whose merges follow from the scores. */
    private Map<String, Object> characters() {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("type", "BPE");
        token("unknown_token_id").ifPresent(token -> model.put("unk_token", token));
        model.put("fuse_unk", true);
        model.put("byte_fallback", true);
        Map<String, Object> vocabulary = vocabulary();
        model.put("vocab", vocabulary);
        model.put("merges", merges(vocabulary));
        Map<String, Object> json = json(model);
        boolean leads = flag("add_space_prefix", true);
        Map<String, Object> spaces = Map.of("type", "Replace", "pattern", Map.of("String", " "), "content", "▁");
        json.put(
                "normalizer",
                leads ? sequence("normalizers", List.of(Map.of("type", "Prepend", "prepend", "▁"), spaces)) : spaces);
        List<Map<String, Object>> decoders = new ArrayList<>(List.of(
                Map.of("type", "Replace", "pattern", Map.of("String", "▁"), "content", " "),
                Map.of("type", "ByteFallback"),
                Map.of("type", "Fuse")));
        if (leads) {
            decoders.add(Map.of("type", "Strip", "content", " ", "start", 1, "stop", 0));
        }
        json.put("decoder", sequence("decoders", decoders));
        putFrame(json, true);
        return json;
    }

    private record Merge(String left, String right, double score) {}

    /** As transformers makes them: every split of a token into two others, the token's score deciding the order. */
    private List<String> merges(Map<String, Object> vocabulary) {
        List<?> scores = list("scores")
                .filter(list -> list.size() == tokens.size())
                .orElseThrow(() -> file.damaged("its tokenizer has no scores"));
        List<Merge> merges = new ArrayList<>();
        for (int id = 0; id < tokens.size(); id++) {
            String token = tokens.get(id).toString();
            boolean plain = !is(id, CONTROL) && !is(id, UNUSED) && !is(id, UNKNOWN) && token.length() <= LONGEST_TOKEN;
            for (int at = 1; plain && at < token.length(); at++) {
                String left = token.substring(0, at);
                String right = token.substring(at);
                if (vocabulary.containsKey(left) && vocabulary.containsKey(right)) {
                    merges.add(new Merge(left, right, ((Number) scores.get(id)).doubleValue()));
                }
            }
        }
        merges.sort(Comparator.comparingDouble(Merge::score).reversed());
        return merges.stream().map(merge -> merge.left() + " " + merge.right()).toList();
    }

    private void putFrame(Map<String, Object> json, boolean begins) {
        List<Object> single = new ArrayList<>();
        Map<String, Object> special = new LinkedHashMap<>();
        if (flag("add_bos_token", begins)) {
            token("bos_token_id").ifPresent(token -> putSpecial(single, special, token));
        }
        single.add(Map.of("Sequence", Map.of("id", "A", "type_id", 0)));
        if (flag("add_eos_token", false)) {
            token("eos_token_id").ifPresent(token -> putSpecial(single, special, token));
        }
        if (single.size() > 1) {
            json.put(
                    "post_processor",
                    Map.of(
                            "type", "TemplateProcessing",
                            "single", single,
                            "pair", single,
                            "special_tokens", special));
        }
    }

    private void putSpecial(List<Object> single, Map<String, Object> special, String token) {
        single.add(Map.of("SpecialToken", Map.of("id", token, "type_id", 0)));
        int id = tokens.indexOf(token);
        special.put(token, Map.of("id", token, "ids", List.of(id), "tokens", List.of(token)));
    }

    private Map<String, Object> config() {
        Map<String, Object> config = new LinkedHashMap<>();
        token("bos_token_id").ifPresent(token -> config.put("bos_token", token));
        token("eos_token_id").ifPresent(token -> config.put("eos_token", token));
        token("unknown_token_id").ifPresent(token -> config.put("unk_token", token));
        token("padding_token_id").ifPresent(token -> config.put("pad_token", token));
        if (file.keys().get("tokenizer.chat_template") instanceof String template) {
            config.put("chat_template", template);
        }
        config.put("tokenizer_class", "PreTrainedTokenizerFast");
        return config;
    }
}
