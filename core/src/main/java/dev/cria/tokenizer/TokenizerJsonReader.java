package dev.cria.tokenizer;

import dev.cria.RequestException;
import dev.cria.UnknownKeys;
import dev.cria.tokenizer.AddedToken.Kind;
import dev.cria.tokenizer.AddedToken.Trait;
import dev.cria.tokenizer.Roles.Frame;
import dev.cria.tokenizer.SpelledModel.Fusing;
import dev.cria.tokenizer.SpelledModel.Whole;
import dev.cria.tokenizer.TokenizerDocument.SpelledMerge;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Reads a {@code tokenizer.json} of BPE, over bytes or over characters. The file is not trusted: everything that decides an id is checked,
 * and what can't be followed exactly is refused by its key rather than read some other way.
 */
final class TokenizerJsonReader {
    private static final int BYTES = 256;
    private static final byte[] NOTHING = {};
    private static final char MARK = '\u2581';
    private static final Pattern WITHIN = Pattern.compile("[^\u2581]\u2581");
    private static final Set<String> KEYS =
            Set.of("added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model");
    private static final Set<String> MODEL_KEYS = Set.of(
            "dropout",
            "unk_token",
            "continuing_subword_prefix",
            "end_of_word_suffix",
            "fuse_unk",
            "byte_fallback",
            "ignore_merges",
            "vocab",
            "merges");
    private static final Set<String> ADDED_KEYS =
            Set.of("id", "content", "single_word", "lstrip", "rstrip", "normalized", "special");

    private final Path file;

    TokenizerJsonReader(Path file) {
        this.file = file;
    }

    /** What a file says, without the tokens that other files name. */
    record Contents(BpeRules rules, Normalizer normalizer, Frame frame) {}

    /**
     * @param named literals that are special tokens too where the vocabulary has them
     * @throws tools.jackson.core.JacksonException if the content is not JSON
     */
    Contents read(byte[] content, Set<String> named) {
        TokenizerDocument document = TokenizerDocument.parse(content, this);
        JsonNode root = document.rest();
        refuseUnless(root.isObject(), "is not an object but " + kind(root));
        // Truncation and padding are up to who encodes.
        refuseUnknown(root, "", KEYS, Set.of("version", "truncation", "padding"));
        Normalizer normalizer = NormalizerJson.read(stage(root, "normalizer"));
        List<TextDecoder> decoders = DecoderJson.stages(stage(root, "decoder"));
        List<TextSplitter> splitters = PreTokenizerJson.stages(stage(root, "pre_tokenizer"));
        Frame frame = PostProcessorJson.read(stage(root, "post_processor"));
        StageJson model = stage(root, "model");
        requireBpe(model);
        SpelledVocabulary vocabulary = document.vocabulary()
                .orElseThrow(() -> refusal(
                        "model.vocab is not an object but " + kind(model.node().path("vocab"))));
        List<SpelledMerge> merges = document.merges()
                .orElseThrow(() -> refusal(
                        "model.merges is not a list but " + kind(model.node().path("merges"))));
        List<AddedToken> added =
                withNamed(plain(addedTokens(root.path("added_tokens"), vocabulary), normalizer), named, vocabulary);
        Optional<PreTokenizerJson.Bytes> bytes = PreTokenizerJson.overBytes(splitters);
        int[] byteIds = byteIds(vocabulary);
        boolean overBytes = bytes.isPresent()
                && decoders.equals(List.of(new TextDecoder.ByteLevel()))
                && Arrays.stream(byteIds).noneMatch(id -> id == SpelledVocabulary.NONE);
        BpeRules rules = overBytes
                ? bytesModel(bytes.get(), model, vocabulary, byteIds, merges(merges, vocabulary), added, normalizer)
                : spelledModel(splitters, decoders, model, vocabulary, merges(merges, vocabulary), added, normalizer);
        return new Contents(rules, normalizer, frame);
    }

    private StageJson stage(JsonNode root, String key) {
        return new StageJson(this, root.path(key), key);
    }

    private void requireBpe(StageJson model) {
        JsonNode node = model.node();
        refuseUnless(isType(node, "BPE") || isAbsent(node.path("type")), "model.type is " + type(node) + ", not BPE");
        refuseUnknown(node, "model", MODEL_KEYS, Set.of("type"));
        for (String key : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
            refuseUnless(isBlank(node.path(key)), "model." + key + " is " + node.path(key));
        }
        JsonNode dropout = node.path("dropout");
        refuseUnless(isAbsent(dropout) || dropout.asDouble(1) == 0, "model.dropout is " + dropout);
    }

    private static BpeModel bytesModel(
            PreTokenizerJson.Bytes bytes,
            StageJson model,
            SpelledVocabulary vocabulary,
            int[] byteIds,
            Merges merges,
            List<AddedToken> added,
            Normalizer normalizer) {
        return new BpeModel(
                new Vocabulary(tokens(vocabulary, added, normalizer), byteIds),
                merges,
                bytes.preTokenizer(),
                bytes.lead(),
                model.flag("ignore_merges", false) ? wholeTokens(vocabulary) : Map.of(),
                added);
    }

    private SpelledModel spelledModel(
            List<TextSplitter> splitters,
            List<TextDecoder> decoders,
            StageJson model,
            SpelledVocabulary vocabulary,
            Merges merges,
            List<AddedToken> added,
            Normalizer normalizer) {
        SpelledModel.Unknown unknown = unknown(model, vocabulary);
        List<TextSplitter> stages = new ArrayList<>(splitters);
        beforeMark(vocabulary, unknown).ifPresent(stages::add);
        List<String> spellings = new ArrayList<>(vocabulary.spellings());
        for (AddedToken token : added) {
            while (spellings.size() <= token.id()) {
                spellings.add("");
            }
            spellings.set(token.id(), token.text(normalizer));
        }
        return new SpelledModel(
                spellings,
                SpelledModel.ids(vocabulary),
                merges,
                stages,
                decoders,
                unknown,
                model.flag("ignore_merges", false) ? Whole.FIRST : Whole.FROM_MERGES,
                added);
    }

    private SpelledModel.Unknown unknown(StageJson model, SpelledVocabulary vocabulary) {
        int[] byteIds = new int[model.flag("byte_fallback", false) ? BYTES : 0];
        Arrays.setAll(byteIds, b -> vocabulary.id(TextDecoder.ByteFallback.spell(b)));
        JsonNode token = model.node().path("unk_token");
        Fusing fusing = model.flag("fuse_unk", false) ? Fusing.FUSED : Fusing.EACH_ALONE;
        if (isAbsent(token)) {
            return new SpelledModel.Unknown(byteIds, OptionalInt.empty(), fusing);
        }
        int id = vocabulary.id(token.asString(""));
        refuseUnless(id != SpelledVocabulary.NONE, "model.unk_token is " + token + ", which model.vocab lacks");
        return new SpelledModel.Unknown(byteIds, OptionalInt.of(id), fusing);
    }

    /** A cut that changes no id, where no token reaches over SentencePiece's mark and no character is unknown. */
    private static Optional<TextSplitter> beforeMark(SpelledVocabulary vocabulary, SpelledModel.Unknown unknown) {
        boolean allBytes = unknown.byteIds().length == BYTES
                && Arrays.stream(unknown.byteIds()).noneMatch(id -> id == SpelledVocabulary.NONE);
        boolean within = vocabulary.spellings().stream()
                .noneMatch(token -> WITHIN.matcher(token).find());
        return allBytes && within ? Optional.of(new TextSplitter.BeforeMark(MARK)) : Optional.empty();
    }

    private List<AddedToken> addedTokens(JsonNode list, SpelledVocabulary vocabulary) {
        refuseUnless(isAbsent(list) || list.isArray(), "added_tokens is not a list but " + kind(list));
        List<AddedToken> added = new ArrayList<>();
        Map<Integer, String> byId = new HashMap<>();
        for (int i = 0; i < list.size(); i++) {
            StageJson entry = new StageJson(this, list.path(i), "added_tokens[" + i + "]");
            refuseUnknown(entry.node(), entry.key(), ADDED_KEYS, Set.of());
            String content = entry.node().path("content").asString("");
            refuseUnless(!content.isEmpty(), entry.key() + ".content is not a text");
            int id = id(entry.node().path("id"), entry.key() + ".id");
            Optional<String> other = Optional.ofNullable(byId.putIfAbsent(id, content))
                    .or(() -> vocabulary.token(id))
                    .filter(o -> !o.equals(content));
            if (other.isPresent()) {
                throw refusal(entry.key() + ".id is " + id + ", the id of " + quoted(other.get()) + " too");
            }
            int known = vocabulary.id(content);
            refuseUnless(
                    known == SpelledVocabulary.NONE || known == id,
                    entry.key() + ".id is " + id + ", but model.vocab has the token as " + known);
            Kind kind = entry.flag("special", false) ? Kind.SPECIAL : Kind.ORDINARY;
            added.add(new AddedToken(id, content, kind, traits(entry)));
        }
        return added;
    }

    private static Set<Trait> traits(StageJson entry) {
        Set<Trait> traits = EnumSet.noneOf(Trait.class);
        for (Trait trait : Trait.values()) {
            if (entry.flag(trait.name().toLowerCase(Locale.ROOT), false)) {
                traits.add(trait);
            }
        }
        return traits;
    }

    /** Without a normalizer, tokens that are all looked for after it are as if looked for before. */
    private static List<AddedToken> plain(List<AddedToken> added, Normalizer normalizer) {
        boolean same = normalizer.equals(Normalizer.NONE) && added.stream().allMatch(t -> t.has(Trait.NORMALIZED));
        return !same
                ? added
                : added.stream()
                        .map(t -> {
                            Set<Trait> others = EnumSet.noneOf(Trait.class);
                            others.addAll(t.traits());
                            others.remove(Trait.NORMALIZED);
                            return new AddedToken(t.id(), t.content(), t.kind(), others);
                        })
                        .toList();
    }

    private static List<AddedToken> withNamed(List<AddedToken> added, Set<String> named, SpelledVocabulary vocabulary) {
        List<AddedToken> all = new ArrayList<>(added);
        for (String literal : named) {
            int id = vocabulary.id(literal);
            if (id != SpelledVocabulary.NONE && all.stream().noneMatch(t -> t.id() == id)) {
                all.add(new AddedToken(id, literal, Kind.SPECIAL));
            }
        }
        all.sort(Comparator.comparingInt(AddedToken::id));
        return all;
    }

    private static byte[][] tokens(SpelledVocabulary vocabulary, List<AddedToken> added, Normalizer normalizer) {
        List<String> spellings = vocabulary.spellings();
        int size = spellings.size();
        for (AddedToken token : added) {
            size = Math.max(size, token.id() + 1);
        }
        byte[][] tokens = new byte[size][];
        Arrays.fill(tokens, NOTHING);
        for (int id = 0; id < spellings.size(); id++) {
            tokens[id] = TextDecoder.ByteLevel.bytes(spellings.get(id));
        }
        for (AddedToken token : added) {
            tokens[token.id()] = TextDecoder.ByteLevel.bytes(token.text(normalizer));
        }
        return tokens;
    }

    /** The id of each byte, or {@link SpelledVocabulary#NONE}. */
    private static int[] byteIds(SpelledVocabulary vocabulary) {
        int[] byteIds = new int[BYTES];
        Arrays.setAll(byteIds, b -> vocabulary.id(ByteAlphabet.spell(new byte[] {(byte) b})));
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
                whole.put(new String(TextDecoder.ByteLevel.bytes(spellings.get(id)), StandardCharsets.ISO_8859_1), id);
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

    /** Refuses a key that is set and that neither set holds. */
    void refuseUnknown(JsonNode node, String key, Set<String> known, Set<String> alsoKnown) {
        String source = file + ": " + key;
        node.forEachEntry((name, value) -> {
            boolean nothing = isAbsent(value)
                    || value.isContainer() && value.isEmpty()
                    || value.isBoolean() && !value.asBoolean();
            if (!known.contains(name) && !alsoKnown.contains(name) && !nothing) {
                UnknownKeys.passOver(key.isEmpty() ? file + ": " + name : source + "." + name, value.toString());
            }
        });
    }

    RequestException noId(String key, JsonNode value) {
        return refusal(key + " is " + shortened(value.toString()) + ", not an id from 0 to " + (Merges.ID_LIMIT - 1));
    }

    RequestException refusal(String problem) {
        return new RequestException(file + ": " + problem, "docs/interop.md has the table of tokenizers that are read");
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
