package dev.cria.tokenizer;

import dev.cria.RequestException;
import dev.cria.tokenizer.AddedToken.Kind;
import dev.cria.tokenizer.TokenizerDocument.SpelledMerge;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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

    /** @throws tools.jackson.core.JacksonException if the content is not JSON */
    BpeModel model(byte[] content) {
        TokenizerDocument document = TokenizerDocument.parse(content, this);
        JsonNode root = document.rest();
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

        SpelledVocabulary vocabulary = document.vocabulary()
                .orElseThrow(() -> refusal("model.vocab is not an object but " + kind(model.path("vocab"))));
        List<SpelledMerge> merges = document.merges()
                .orElseThrow(() -> refusal("model.merges is not a list but " + kind(model.path("merges"))));
        List<AddedToken> added = addedTokens(root.path("added_tokens"), vocabulary);
        byte[][] tokens = tokens(vocabulary, added);
        boolean wholeFirst = model.path("ignore_merges").asBoolean(false);
        return new BpeModel(
                new Vocabulary(tokens, byteIds(vocabulary)),
                merges(merges, vocabulary),
                preTokenizer,
                wholeFirst ? wholeTokens(vocabulary) : Map.of(),
                added);
    }

    private List<AddedToken> addedTokens(JsonNode list, SpelledVocabulary vocabulary) {
        refuseUnless(isAbsent(list) || list.isArray(), "added_tokens is not a list but " + kind(list));
        List<AddedToken> added = new ArrayList<>();
        Map<Integer, String> byId = new HashMap<>();
        for (int i = 0; i < list.size(); i++) {
            JsonNode entry = list.path(i);
            String key = "added_tokens[" + i + "]";
            String content = entry.path("content").asString("");
            refuseUnless(!content.isEmpty(), key + ".content is not a text");
            for (String flag : List.of("single_word", "lstrip", "rstrip")) {
                refuseUnless(!entry.path(flag).asBoolean(false), key + "." + flag + " is true");
            }
            int id = id(entry.path("id"), key + ".id");
            Optional<String> other = Optional.ofNullable(byId.putIfAbsent(id, content))
                    .or(() -> vocabulary.token(id))
                    .filter(o -> !o.equals(content));
            if (other.isPresent()) {
                throw refusal(key + ".id is " + id + ", the id of " + quoted(other.get()) + " too");
            }
            int known = vocabulary.id(content);
            refuseUnless(
                    known == SpelledVocabulary.NONE || known == id,
                    key + ".id is " + id + ", but model.vocab has the token as " + known);
            boolean special = entry.path("special").asBoolean(false);
            added.add(new AddedToken(id, content, special ? Kind.SPECIAL : Kind.ORDINARY));
        }
        added.sort(Comparator.comparingInt(AddedToken::id));
        return added;
    }

    private static byte[][] tokens(SpelledVocabulary vocabulary, List<AddedToken> added) {
        List<String> spellings = vocabulary.spellings();
        int size = spellings.size();
        for (AddedToken token : added) {
            size = Math.max(size, token.id() + 1);
        }
        byte[][] tokens = new byte[size][];
        Arrays.fill(tokens, NOTHING);
        for (int id = 0; id < spellings.size(); id++) {
            tokens[id] = bytes(spellings.get(id));
        }
        for (AddedToken token : added) {
            tokens[token.id()] = token.content().getBytes(StandardCharsets.UTF_8);
        }
        return tokens;
    }

    // A token that isn't spelled in the byte alphabet stands for itself, as in Hugging Face's decoder.
    private static byte[] bytes(String token) {
        return ByteAlphabet.canSpell(token) ? ByteAlphabet.bytes(token) : token.getBytes(StandardCharsets.UTF_8);
    }

    private int[] byteIds(SpelledVocabulary vocabulary) {
        int[] byteIds = new int[BYTES];
        for (int b = 0; b < BYTES; b++) {
            String spelled = ByteAlphabet.spell(new byte[] {(byte) b});
            byteIds[b] = vocabulary.id(spelled);
            if (byteIds[b] == SpelledVocabulary.NONE) {
                throw refusal("model.vocab lacks " + quoted(spelled) + ", which is byte " + b);
            }
        }
        return byteIds;
    }

    private Merges merges(List<SpelledMerge> list, SpelledVocabulary vocabulary) {
        refuseUnless(list.size() <= Merges.ID_LIMIT, "model.merges has " + list.size() + " entries");
        Merges merges = new Merges(list.size());
        for (int rank = 0; rank < list.size(); rank++) {
            String left = list.get(rank).left();
            String right = list.get(rank).right();
            // concat, not +: this many calls are over before a generated concatenation is compiled.
            merges.add(
                    known(left, vocabulary, rank),
                    known(right, vocabulary, rank),
                    known(left.concat(right), vocabulary, rank));
        }
        return merges;
    }

    private int known(String token, SpelledVocabulary vocabulary, int rank) {
        int id = vocabulary.id(token);
        if (id == SpelledVocabulary.NONE) {
            throw refusal("model.merges[" + rank + "] needs " + quoted(token) + ", which model.vocab lacks");
        }
        return id;
    }

    private static Map<String, Integer> wholeTokens(SpelledVocabulary vocabulary) {
        List<String> spellings = vocabulary.spellings();
        Map<String, Integer> whole = HashMap.newHashMap(spellings.size());
        for (int id = 0; id < spellings.size(); id++) {
            if (!spellings.get(id).isEmpty()) {
                whole.put(new String(bytes(spellings.get(id)), StandardCharsets.ISO_8859_1), id);
            }
        }
        return whole;
    }

    private int id(JsonNode node, String key) {
        boolean isId = node.isIntegralNumber()
                && node.canConvertToInt()
                && node.intValue() >= 0
                && node.intValue() < Merges.ID_LIMIT;
        if (!isId) {
            throw noId(key, node);
        }
        return node.intValue();
    }

    void refuseUnless(boolean holds, String problem) {
        if (!holds) {
            throw refusal(problem);
        }
    }

    RequestException noId(String key, JsonNode value) {
        return refusal(key + " is " + shortened(value.toString()) + ", not an id from 0 to " + (Merges.ID_LIMIT - 1));
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

    static String quoted(String token) {
        return '"' + shortened(token) + '"';
    }

    static String shortened(String text) {
        return text.length() <= 60 ? text : text.substring(0, 57) + "...";
    }
}
