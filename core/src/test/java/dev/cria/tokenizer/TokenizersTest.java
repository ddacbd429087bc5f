package dev.cria.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.WorkException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

final class TokenizersTest {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final String HINT = "docs/interop.md has the table of tokenizers that are read";

    private static final String UNKNOWN =
            "see docs/interop.md for what is supported, or add --allow-unknown-keys to ignore it";

    private static final Tokenizer TRAINED = BpeTrainer.train(
            Stream.of("the cat sat on the mat, the dog 12 34 don't; Él está aquí, así es la vida"),
            290,
            Progress.silent());

    @TempDir
    private Path directory;

    @Test
    void savedTokenizersLoadWithTheSameIdsAndFingerprint() {
        for (Tokenizer original : List.of(TRAINED, Tokenizers.gpt2())) {
            List<Path> written = Tokenizers.save(original, directory.resolve("new/deep"));
            assertThat(written)
                    .extracting(p -> p.getFileName().toString())
                    .containsExactly("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json");
            Tokenizer loaded = Tokenizers.load(directory.resolve("new/deep"));
            assertThat(loaded.fingerprint()).isEqualTo(original.fingerprint());
            assertThat(loaded.vocabularySize()).isEqualTo(original.vocabularySize());
            assertThat(loaded.endOfText()).isEqualTo(original.endOfText());
            assertThat(loaded.specialTokens()).isEqualTo(original.specialTokens());
            Random random = new Random(1);
            for (int i = 0; i < 300; i++) {
                String text = RandomTexts.mixed(random, 30);
                assertThat(loaded.encode(text)).isEqualTo(original.encode(text));
                assertThat(loaded.encodeWithSpecial(text)).isEqualTo(original.encodeWithSpecial(text));
                assertThat(loaded.decode(loaded.encode(text))).isEqualTo(text);
            }
        }
    }

    @Test
    void aFileMayBeNamedInsteadOfItsDirectory() {
        Tokenizers.save(TRAINED, directory);
        assertThat(Tokenizers.load(directory.resolve("tokenizer.json")).fingerprint())
                .isEqualTo(TRAINED.fingerprint());
        assertThat(Tokenizers.named(directory.toString()).fingerprint()).isEqualTo(TRAINED.fingerprint());
        assertThat(Tokenizers.named("gpt2")).isSameAs(Tokenizers.gpt2());
    }

    @Test
    void aLoadedTokenizerIsSavedAsItCame() throws IOException {
        edit(root -> root.putNull("post_processor"));
        Files.writeString(directory.resolve("chat_template.jinja"), "{{ messages }}");
        Files.writeString(directory.resolve("README.md"), "not a tokenizer's file");
        Path copy = directory.resolve("copy");
        assertThat(Tokenizers.save(Tokenizers.load(directory), copy))
                .extracting(p -> p.getFileName().toString())
                .containsExactly(
                        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja");
        assertThat(copy.resolve("tokenizer.json")).hasSameBinaryContentAs(directory.resolve("tokenizer.json"));
    }

    @Test
    void mergesAreReadInBothForms() throws IOException {
        edit(root -> {
            ArrayNode merges = (ArrayNode) root.path("model").path("merges");
            ArrayNode pairs = MAPPER.createArrayNode();
            for (JsonNode merge : merges) {
                pairs.add(MAPPER.valueToTree(merge.stringValue().split(" ")));
            }
            ((ObjectNode) root.path("model")).set("merges", pairs);
        });
        assertThat(Tokenizers.load(directory).fingerprint()).isEqualTo(TRAINED.fingerprint());
    }

    @Test
    void llama3sPatternAndUnknownOnesAreRead() throws IOException {
        split(new Llama3Pattern(3).regex());
        Tokenizer llama = Tokenizers.load(directory);
        assertThat(pieces(llama, "a 1234")).endsWith(" ", "12", "3", "4");
        assertThat(llama.fingerprint()).isNotEqualTo(TRAINED.fingerprint());
        split("[a-z]+|[^a-z]+");
        assertThat(Tokenizers.load(directory).decode(Tokenizers.load(directory).encode("thé cat")))
                .isEqualTo("thé cat");
        split(Gpt2Pattern.REGEX);
        assertThat(Tokenizers.load(directory).fingerprint()).isEqualTo(TRAINED.fingerprint());
    }

    @Test
    void ignoreMergesTakesAWholeTokenThatNoMergeMakes() throws IOException {
        edit(root -> {
            ObjectNode model = (ObjectNode) root.path("model");
            ((ObjectNode) model.path("vocab")).put("zebra", 290);
        });
        assertThat(pieces(Tokenizers.load(directory), "zebra")).hasSizeGreaterThan(1);
        edit(root -> {
            ObjectNode model = (ObjectNode) root.path("model");
            model.put("ignore_merges", true);
            ((ObjectNode) model.path("vocab")).put("zebra", 290);
        });
        assertThat(Tokenizers.load(directory).encode("zebra")).containsExactly(290);
    }

    @Test
    void addedTokensAreFoundLongestFirstAndOrdinaryOnesAlways() throws IOException {
        edit(root -> {
            added(root, 290, "<|im|>", true);
            added(root, 291, "<|im|>x", true);
            added(root, 295, "  ", false);
        });
        Tokenizer loaded = Tokenizers.load(directory);
        assertThat(loaded.vocabularySize()).isEqualTo(296);
        assertThat(loaded.encodeWithSpecial("<|im|>x<|im|>  ")).containsExactly(291, 290, 295);
        assertThat(loaded.encode("<|im|>  ")).endsWith(295).doesNotContain(290);
        assertThat(loaded.specialTokens()).containsOnlyKeys("<|endoftext|>", "<|im|>", "<|im|>x");
        assertThat(loaded.decode(new int[] {295, 290})).isEqualTo("  <|im|>");
        assertThatThrownBy(() -> loaded.bytes(293)).isInstanceOf(RequestException.class);
    }

    @Test
    void theConfigurationSaysWhichTokenEndsAText() throws IOException {
        edit(root -> added(root, 290, "<|im_end|>", true));
        Files.writeString(directory.resolve("tokenizer_config.json"), "{\"eos_token\": {\"content\": \"<|im_end|>\"}}");
        assertThat(Tokenizers.load(directory).endOfText()).hasValue(290);
        Files.writeString(directory.resolve("tokenizer_config.json"), "{\"eos_token\": \"<|odd|>\"}");
        assertThatThrownBy(() -> Tokenizers.load(directory))
                .hasMessage(directory + ": eos_token is \"<|odd|>\", which tokenizer.json lacks");
        Files.writeString(directory.resolve("tokenizer_config.json"), "{\"eos_token\": null}");
        assertThat(Tokenizers.load(directory).endOfText()).hasValue(289);
    }

    @Test
    void refusesWhatItCannotFollowByItsKey() throws IOException {
        refuses(
                root -> root.putObject("normalizer").put("type", "Precompiled"),
                "normalizer.type is Precompiled, which is not supported");
        refuses(
                root -> root.putObject("normalizer").put("type", "NFC").put("form", "x"),
                "normalizer.form is \"x\", which is not supported here and may change results",
                UNKNOWN);
        refuses(root -> root.putNull("decoder"), "decoder.type is absent, which is not supported");
        refuses(
                root -> root.putObject("post_processor").put("type", "Odd"),
                "post_processor.type is Odd, which is not supported");
        refuses(root -> model(root).put("type", "Unigram"), "model.type is Unigram, not BPE");
        refuses(root -> model(root).put("dropout", 0.1), "model.dropout is 0.1");
        refuses(root -> model(root).put("end_of_word_suffix", "</w>"), "model.end_of_word_suffix is \"</w>\"");
        refuses(root -> model(root).putNull("vocab"), "model.vocab is not an object but null");
        refuses(root -> vocabulary(root).put("x", 5), "model.vocab gives \"x\" the id of \"&\", 5");
        refuses(root -> vocabulary(root).put("zz", -1), "model.vocab[\"zz\"] is -1, not an id from 0 to 2097150");
        refuses(
                root -> vocabulary(root).put("zz", 1e300),
                "model.vocab[\"zz\"] is 1.0E300, not an id from 0 to 2097150");
        refuses(
                root -> vocabulary(root).put("zz", 1L << 40),
                "model.vocab[\"zz\"] is 1099511627776, not an id from 0 to 2097150");
        refuses(root -> merges(root).add("q zz"), "model.merges[33] needs \"zz\", which model.vocab lacks");
        refuses(root -> merges(root).add("qz"), "model.merges[33] is not a pair of tokens: \"qz\"");
        refuses(root -> merges(root).add(7), "model.merges[33] is not a pair of tokens: 7");
        refuses(
                root -> ((ObjectNode) root.path("model")).put("merges", "a b"),
                "model.merges is not a list but string");
        refuses(root -> merges(root).add("q z z"), "model.merges[33] is not a pair of tokens: \"q z z\"");
        refuses(root -> merges(root).addArray().add("q"), "model.merges[33] is not a pair of tokens: [\"q\"]");
        refuses(root -> added(root, 3, "<x>", true), "added_tokens[1].id is 3, the id of \"$\" too");
        refuses(
                root -> added(root, 300, "the", true),
                "added_tokens[1].id is 300, but model.vocab has the token as " + TRAINED.encode("the")[0]);
        refuses(root -> added(root, 300, "", true), "added_tokens[1].content is not a text");
        refuses(
                root -> ((ObjectNode) root.path("added_tokens").path(0)).put("lstrip", "yes"),
                "added_tokens[0].lstrip is \"yes\", not true or false");
        refuses(
                root -> root.putObject("pre_tokenizer").put("type", "UnicodeScripts"),
                "pre_tokenizer.type is UnicodeScripts, which is not supported");
        refuses(
                root -> splitInto(sequence(root), "a").put("behavior", "Odd"),
                "pre_tokenizer.pretokenizers[0].behavior is Odd, which is not supported");
        refuses(
                root -> ((ObjectNode) model(root).put("unk_token", "<odd>").path("vocab")).remove("Ā"),
                "model.unk_token is \"<odd>\", which model.vocab lacks");
        refuses(
                root -> splitInto(sequence(root), "[a-"),
                "pre_tokenizer.pretokenizers[0].pattern.Regex is not one that Java reads: Illegal character range");
    }

    @Test
    void refusesFilesThatAreNoTokenizer() throws IOException {
        Path missing = directory.resolve("nowhere");
        assertThatThrownBy(() -> Tokenizers.named(missing.toString()))
                .isInstanceOf(RequestException.class)
                .hasMessage("there is no tokenizer at " + missing)
                .extracting(e -> ((RequestException) e).hint())
                .isEqualTo("name gpt2, or a directory that holds a tokenizer.json");
        Files.writeString(directory.resolve("tokenizer.model"), "");
        assertThatThrownBy(() -> Tokenizers.load(directory))
                .isInstanceOfSatisfying(RequestException.class, e -> assertThat(e.hint())
                        .isEqualTo("python -c \"from transformers import AutoTokenizer as T; T.from_pretrained('"
                                + directory + "').save_pretrained('" + directory + "')\""));
        Path file = directory.resolve("tokenizer.json");
        Files.writeString(file, "{\"model\":\n {\"type\" \"BPE\"}}");
        assertThatThrownBy(() -> Tokenizers.load(directory))
                .isInstanceOf(RequestException.class)
                .hasMessageStartingWith(file + " is not JSON: ")
                .hasMessageEndingWith("at line 2, column 10");
        Files.writeString(file, "[]");
        assertThatThrownBy(() -> Tokenizers.load(directory)).hasMessage(file + ": is not an object but array");
        Files.writeString(file, "");
        assertThatThrownBy(() -> Tokenizers.load(directory)).hasMessage(file + ": is not an object but absent");
        Files.writeString(file, "{} {}");
        assertThatThrownBy(() -> Tokenizers.load(directory)).hasMessage(file + ": goes on after its end");
        Files.writeString(file, "{\"model\": {\"vocab\": {\"a\": 1, \"b\": 2, \"a\": 3}}}");
        assertThatThrownBy(() -> Tokenizers.load(directory)).hasMessage(file + ": model.vocab holds \"a\" twice");
        try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(1L << 40);
        }
        assertThatThrownBy(() -> Tokenizers.load(directory))
                .hasMessage(file + " has 1099511627776 bytes; a tokenizer's file has at most 134217728");
    }

    @Test
    void failsPlainlyWhereItCannotWrite() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");
        assertThatThrownBy(() -> Tokenizers.save(TRAINED, file.resolve("below")))
                .isInstanceOf(WorkException.class)
                .hasMessageStartingWith("the tokenizer cannot be written to " + file.resolve("below"));
    }

    @Test
    void describesATokenizerInFourLines() {
        assertThat(Tokenizers.describe(Tokenizers.gpt2()))
                .isEqualTo("""
                    vocabulary      50257 ids
                    end of text     50256 <|endoftext|>
                    special tokens  50256 <|endoftext|>
                    fingerprint     %s
                    """.formatted(Tokenizers.gpt2().fingerprint()));
    }

    private void refuses(Consumer<ObjectNode> change, String problem) throws IOException {
        refuses(change, problem, HINT);
    }

    private void refuses(Consumer<ObjectNode> change, String problem, String hint) throws IOException {
        edit(change);
        assertThatThrownBy(() -> Tokenizers.load(directory))
                .isInstanceOf(RequestException.class)
                .hasMessage(directory.resolve("tokenizer.json") + ": " + problem)
                .extracting(e -> ((RequestException) e).hint())
                .isEqualTo(hint);
    }

    /** Writes the trained tokenizer's files, one thing changed. */
    private void edit(Consumer<ObjectNode> change) throws IOException {
        Tokenizers.save(TRAINED, directory);
        Path file = directory.resolve("tokenizer.json");
        ObjectNode root = (ObjectNode) MAPPER.readTree(Files.readAllBytes(file));
        change.accept(root);
        Files.write(file, MAPPER.writeValueAsBytes(root));
    }

    private void split(String regex) throws IOException {
        edit(root -> {
            ArrayNode stages = sequence(root);
            splitInto(stages, regex);
            stages.addObject()
                    .put("type", "ByteLevel")
                    .put("add_prefix_space", false)
                    .put("use_regex", false);
        });
    }

    private static ObjectNode splitInto(ArrayNode stages, String regex) {
        ObjectNode split = stages.addObject()
                .put("type", "Split")
                .put("behavior", "Isolated")
                .put("invert", false);
        split.putObject("pattern").put("Regex", regex);
        return split;
    }

    private static ArrayNode sequence(ObjectNode root) {
        return root.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
    }

    private static void added(ObjectNode root, int id, String content, boolean special) {
        ((ArrayNode) root.path("added_tokens"))
                .addObject()
                .put("id", id)
                .put("content", content)
                .put("special", special);
    }

    private static ObjectNode model(ObjectNode root) {
        return (ObjectNode) root.path("model");
    }

    private static ObjectNode vocabulary(ObjectNode root) {
        return (ObjectNode) model(root).path("vocab");
    }

    private static ArrayNode merges(ObjectNode root) {
        return (ArrayNode) model(root).path("merges");
    }

    private static List<String> pieces(Tokenizer tokenizer, String text) {
        return Arrays.stream(tokenizer.encode(text))
                .mapToObj(id -> tokenizer.decode(new int[] {id}))
                .toList();
    }
}
