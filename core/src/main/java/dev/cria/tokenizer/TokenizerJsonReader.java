package dev.cria.tokenizer;

import dev.cria.RequestException;
import dev.cria.tokenizer.AddedToken.Kind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/**
 * Reads a byte-level BPE {@code tokenizer.json}. The file is not trusted: everything that decides an id is checked,
 * and what can't be followed exactly is refused by its key rather than read some other way.
 */
final class TokenizerJsonReader {
    private static final int BYTES = 256;
    private static final byte[] NOTHING = {};

    private final Path file;

    TokenizerJsonReader(Path file) {
        this.file = file;
    }

    BpeModel model(JsonNode root) {
        refuseUnless(root.isObject(), "is not an object but " + kind(root));
        JsonNode normalizer = root.path("normalizer");
        boolean normalizes = !isAbsent(normalizer)
                && !(isType(normalizer, "Sequence")
                        && normalizer.path("normalizers").isEmpty());
        refuseUnless(!normalizes, "normalizer is " + type(normalizer) + "; text has to be encoded as it is");
        refuseUnless(
                isType(root.path("decoder"), "ByteLevel"),
                "decoder is " + type(root.path("decoder")) + ", not ByteLevel");
        PreTokenizer preTokenizer = new PreTokenizerJson(this).read(root.path("pre_tokenizer"), "pre_tokenizer");
        JsonNode model = root.path("model");
        refuseUnless(
                isType(model, "BPE") || isAbsent(model.path("type")), "model.type is " + type(model) + ", not BPE");
        for (String key : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
            refuseUnless(isBlank(model.path(key)), "model." + key + " is " + model.path(key));
        }
        JsonNode dropout = model.path("dropout");
        refuseUnless(isAbsent(dropout) || dropout.asDouble(1) == 0, "model.dropout is " + dropout);

        Map<String, Integer> ids = vocabulary(model.path("vocab"));
        List<AddedToken> added = addedTokens(root.path("added_tokens"), ids);
        byte[][] tokens = tokens(ids, added);
        boolean wholeFirst = model.path("ignore_merges").asBoolean(false);
        return new BpeModel(
                new Vocabulary(tokens, byteIds(ids)),
                merges(model.path("merges"), ids),
                preTokenizer,
                wholeFirst ? wholeTokens(ids) : Map.of(),
                added);
    }

    private Map<String, Integer> vocabulary(JsonNode vocab) {
        refuseUnless(vocab.isObject(), "model.vocab is not an object but " + kind(vocab));
        Map<String, Integer> ids = HashMap.newHashMap(vocab.size());
        Map<Integer, String> byId = HashMap.newHashMap(vocab.size());
        for (Map.Entry<String, JsonNode> entry : vocab.properties()) {
            String token = entry.getKey();
            int id = id(entry.getValue(), () -> "model.vocab[" + quoted(token) + "]");
            String other = byId.putIfAbsent(id, token);
            if (other != null) {
                throw refusal("model.vocab gives " + quoted(token) + " the id of " + quoted(other) + ", " + id);
            }
            refuseUnless(!token.isEmpty(), "model.vocab holds an empty token");
            ids.put(token, id);
        }
        return ids;
    }

    private List<AddedToken> addedTokens(JsonNode list, Map<String, Integer> ids) {
        refuseUnless(isAbsent(list) || list.isArray(), "added_tokens is not a list but " + kind(list));
        List<AddedToken> added = new ArrayList<>();
        Map<Integer, String> byId = new HashMap<>();
        ids.forEach((token, id) -> byId.put(id, token));
        for (int i = 0; i < list.size(); i++) {
            JsonNode entry = list.path(i);
            String key = "added_tokens[" + i + "]";
            String content = entry.path("content").asString("");
            refuseUnless(!content.isEmpty(), key + ".content is not a text");
            for (String flag : List.of("single_word", "lstrip", "rstrip")) {
                refuseUnless(!entry.path(flag).asBoolean(false), key + "." + flag + " is true");
            }
            int id = id(entry.path("id"), () -> key + ".id");
            String other = byId.putIfAbsent(id, content);
            if (other != null && !other.equals(content)) {
                throw refusal(key + ".id is " + id + ", the id of " + quoted(other) + " too");
            }
            int known = ids.getOrDefault(content, id);
            refuseUnless(known == id, key + ".id is " + id + ", but model.vocab has the token as " + known);
            boolean special = entry.path("special").asBoolean(false);
            added.add(new AddedToken(id, content, special ? Kind.SPECIAL : Kind.ORDINARY));
        }
        added.sort(Comparator.comparingInt(AddedToken::id));
        return added;
    }

    private static byte[][] tokens(Map<String, Integer> ids, List<AddedToken> added) {
        int size = 0;
        for (int id : ids.values()) {
            size = Math.max(size, id + 1);
        }
        for (AddedToken token : added) {
            size = Math.max(size, token.id() + 1);
        }
        byte[][] tokens = new byte[size][];
        Arrays.fill(tokens, NOTHING);
        ids.forEach((token, id) -> tokens[id] = bytes(token));
        for (AddedToken token : added) {
            tokens[token.id()] = token.content().getBytes(StandardCharsets.UTF_8);
        }
        return tokens;
    }

    // A token that isn't spelled in the byte alphabet stands for itself, as in Hugging Face's decoder.
    private static byte[] bytes(String token) {
        return ByteAlphabet.canSpell(token) ? ByteAlphabet.bytes(token) : token.getBytes(StandardCharsets.UTF_8);
    }

    private int[] byteIds(Map<String, Integer> ids) {
        int[] byteIds = new int[BYTES];
        for (int b = 0; b < BYTES; b++) {
            String spelled = ByteAlphabet.spell(new byte[] {(byte) b});
            Integer id = ids.get(spelled);
            if (id == null) {
                throw refusal("model.vocab lacks " + quoted(spelled) + ", which is byte " + b);
            }
            byteIds[b] = id;
        }
        return byteIds;
    }

    private Merges merges(JsonNode list, Map<String, Integer> ids) {
        refuseUnless(list.isArray(), "model.merges is not a list but " + kind(list));
        refuseUnless(list.size() <= Merges.ID_LIMIT, "model.merges has " + list.size() + " entries");
        Merges merges = new Merges(list.size());
        for (int rank = 0; rank < list.size(); rank++) {
            String[] pair = pair(list.path(rank), rank);
            merges.add(known(pair[0], ids, rank), known(pair[1], ids, rank), known(pair[0] + pair[1], ids, rank));
        }
        return merges;
    }

    /** A pair in either form, {@code "a b"} or {@code ["a", "b"]}. */
    private String[] pair(JsonNode entry, int rank) {
        String[] pair = entry.isArray()
                ? new String[] {entry.path(0).asString(""), entry.path(1).asString("")}
                : entry.asString("").split(" ", -1);
        boolean isPair =
                pair.length == 2 && (!entry.isArray() || entry.size() == 2) && !pair[0].isEmpty() && !pair[1].isEmpty();
        if (!isPair) {
            throw refusal("model.merges[" + rank + "] is not a pair of tokens: " + shortened(entry.toString()));
        }
        return pair;
    }

    private int known(String token, Map<String, Integer> ids, int rank) {
        Integer id = ids.get(token);
        if (id == null) {
            throw refusal("model.merges[" + rank + "] needs " + quoted(token) + ", which model.vocab lacks");
        }
        return id;
    }

    private static Map<String, Integer> wholeTokens(Map<String, Integer> ids) {
        Map<String, Integer> whole = HashMap.newHashMap(ids.size());
        ids.forEach((token, id) -> whole.put(new String(bytes(token), StandardCharsets.ISO_8859_1), id));
        return whole;
    }

    private int id(JsonNode node, Supplier<String> key) {
        boolean isId = node.isIntegralNumber()
                && node.canConvertToInt()
                && node.intValue() >= 0
                && node.intValue() < Merges.ID_LIMIT;
        if (!isId) {
            throw refusal(
                    key.get() + " is " + shortened(node.toString()) + ", not an id from 0 to " + (Merges.ID_LIMIT - 1));
        }
        return node.intValue();
    }

    void refuseUnless(boolean holds, String problem) {
        if (!holds) {
            throw refusal(problem);
        }
    }

    RequestException refusal(String problem) {
        return new RequestException(
                file + ": " + problem, "use a byte-level BPE tokenizer, as GPT-2, Llama 3 and Qwen have");
    }

    static boolean isAbsent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }

    static boolean isType(JsonNode node, String type) {
        return node.path("type").asString("").equals(type);
    }

    static String type(JsonNode node) {
        return isAbsent(node.path("type"))
                ? "absent"
                : shortened(node.path("type").asString("no text"));
    }

    private static boolean isBlank(JsonNode node) {
        return isAbsent(node) || node.asString("?").isEmpty();
    }

    private static String kind(JsonNode node) {
        return node.isMissingNode() ? "absent" : node.getNodeType().name().toLowerCase(Locale.ROOT);
    }

    private static String quoted(String token) {
        return '"' + shortened(token) + '"';
    }

    private static String shortened(String text) {
        return text.length() <= 60 ? text : text.substring(0, 57) + "...";
    }
}
