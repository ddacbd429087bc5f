package dev.cria.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.data.ShardManifest;
import dev.cria.data.Shards;
import dev.cria.data.Split;
import dev.cria.data.dedup.Dedup;
import dev.cria.data.filter.FilterChain;
import dev.cria.data.filter.FilterFile;
import dev.cria.data.source.Reading;
import dev.cria.data.source.Sources;
import dev.cria.format.AtomicFiles;
import dev.cria.format.hub.Hub;
import dev.cria.format.hub.HubSettings;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class PrepareTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Tokenizer GPT2 = Tokenizers.gpt2();
    private static final int EOT = 50256;

    @TempDir
    Path directory;

    @Test
    void theStreamIsEachDocumentAfterAnEndOfTextCutWithoutRegardToDocuments() throws IOException {
        Path corpus = corpus("a.jsonl", "Hello world", "", "The quick brown fox jumps over the lazy dog");
        prepare(corpus, "out", 1, Options.PLAIN.shardTokens(5));
        List<Integer> expected = new ArrayList<>(List.of(EOT));
        Arrays.stream(GPT2.encode("Hello world")).forEach(expected::add);
        expected.addAll(List.of(EOT, EOT));
        Arrays.stream(GPT2.encode("The quick brown fox jumps over the lazy dog"))
                .forEach(expected::add);
        assertThat(tokens("out", Split.VALIDATION)).isEqualTo(expected.subList(0, 5));
        assertThat(tokens("out", Split.TRAIN)).isEqualTo(expected.subList(5, expected.size()));
        assertThat(files("out").keySet())
                .containsExactly("manifest.json", "t_train_000001.npy", "t_train_000002.npy", "t_val_000000.npy");
    }

    @Test
    void anyNumberOfWorkersGivesTheSameBytes() throws IOException {
        Path corpus = corpus("a.jsonl", random(2_000));
        Options options =
                Options.PLAIN.shardTokens(20_000).dedup(Dedup.MINHASH).filters("- c4_lines: {min_sentences: 0}");
        prepare(corpus, "w1", 1, options);
        for (int workers : new int[] {2, 5}) {
            prepare(corpus, "w" + workers, workers, options);
            assertThat(files("w" + workers)).isEqualTo(files("w1"));
        }
        prepare(corpus, "s1", 1, options.shuffle(7));
        prepare(corpus, "s3", 3, options.shuffle(7));
        assertThat(files("s3")).isEqualTo(files("s1"));
    }

    /** The progress breaks the work off at every step it is told of, in turn, until it gets through. */
    @Test
    void workBrokenOffAnywhereAndStartedAgainGivesTheSameBytes() throws IOException {
        Path corpus = corpus("a.jsonl", random(800));
        for (Options options : List.of(
                Options.PLAIN.shardTokens(9_000),
                Options.PLAIN.shardTokens(9_000).dedup(Dedup.MINHASH),
                Options.PLAIN.shardTokens(9_000).shuffle(3))) {
            Path whole = directory.resolve("whole");
            Path broken = directory.resolve("broken");
            delete(whole);
            delete(broken);
            prepare(corpus, "whole", 2, options);
            int breaks = 0;
            for (int allowed = 1; ; allowed++) {
                try {
                    Prepare.run(request(corpus, "broken", 2, options), new Breaking(allowed));
                    break;
                } catch (Breaking.Broken _) {
                    breaks++;
                    assertThat(files("broken")).doesNotContainKey("manifest.json");
                }
            }
            assertThat(breaks).isGreaterThan(2);
            assertThat(files("broken")).isEqualTo(files("whole"));
        }
    }

    @Test
    void finishedShardsAreNotWrittenAgain() throws IOException {
        Path corpus = corpus("a.jsonl", random(800));
        Options options = Options.PLAIN.shardTokens(5_000);
        assertThatThrownBy(() -> Prepare.run(request(corpus, "out", 1, options), new Breaking(2)))
                .isInstanceOf(Breaking.Broken.class);
        Path first = directory.resolve("out/t_val_000000.npy");
        var time = Files.getLastModifiedTime(first);
        List<String> said = new ArrayList<>();
        Prepare.run(request(corpus, "out", 1, options), new Saying(said));
        assertThat(Files.getLastModifiedTime(first)).isEqualTo(time);
        assertThat(said.getFirst()).matches("resuming after \\d+ finished shards");
    }

    /** As after a kill between the two: the state is written first, so that a shard with its name is never redone. */
    @Test
    void aShardThatIsWrittenAndHasNoNameYetGetsIt() throws IOException {
        Path corpus = corpus("a.jsonl", random(800));
        Options options = Options.PLAIN.shardTokens(5_000);
        prepare(corpus, "whole", 1, options);
        assertThatThrownBy(() -> Prepare.run(request(corpus, "out", 1, options), new Breaking(2)))
                .isInstanceOf(Breaking.Broken.class);
        Path last;
        try (Stream<Path> all = Files.list(directory.resolve("out"))) {
            last = all.filter(f -> f.toString().endsWith(".npy"))
                    .max(Comparator.comparing(f -> f.toString().replaceAll("_(val|train)_", "_")))
                    .orElseThrow();
        }
        var time = Files.getLastModifiedTime(last);
        Files.move(last, AtomicFiles.temporaryFor(last));
        prepare(corpus, "out", 1, options);
        assertThat(Files.getLastModifiedTime(last)).isEqualTo(time);
        assertThat(shards("out")).isEqualTo(shards("whole"));
    }

    private SortedMap<String, String> shards(String out) throws IOException {
        SortedMap<String, String> files = files(out);
        files.keySet().removeIf(name -> !name.endsWith(".npy"));
        return files;
    }

    @Test
    void unfinishedWorkIsContinuedByTheSameRequestOnly() throws IOException {
        Path corpus = corpus("a.jsonl", random(2_000));
        assertThatThrownBy(() -> Prepare.run(request(corpus, "out", 1, Options.PLAIN), new Breaking(1)))
                .isInstanceOf(Breaking.Broken.class);
        assertThatThrownBy(() -> prepare(
                        corpus, "out", 1, Options.PLAIN.dedup(Dedup.EXACT).shardTokens(9)))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("unfinished work of another request, which differs in shard_tokens, dedup");
        prepare(corpus, "out", 1, Options.PLAIN);
        assertThat(files("out")).containsKey("manifest.json");
        assertThat(directory.resolve("out/.prepare")).doesNotExist();
    }

    @Test
    void aFinishedDirectoryIsLeftAloneAndAnotherRequestRefused() throws IOException {
        Path corpus = corpus("a.jsonl", "one", "two", "three");
        prepare(corpus, "out", 1, Options.PLAIN);
        SortedMap<String, String> before = files("out");
        List<String> said = new ArrayList<>();
        Prepare.run(request(corpus, "out", 2, Options.PLAIN), new Saying(said));
        assertThat(said).singleElement().asString().contains("was prepared before; nothing is left to do");
        assertThatThrownBy(() -> prepare(corpus, "out", 1, Options.PLAIN.shardTokens(4)))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("already holds shards of another request");
        assertThat(files("out")).isEqualTo(before);
    }

    @Test
    void aCorpusThatFillsNoSecondShardGivesTheFirstTenthOfItsDocumentsToValidation() throws IOException {
        String[] texts = new String[25];
        Arrays.setAll(texts, i -> "Document number " + i);
        List<String> said = new ArrayList<>();
        ShardManifest manifest =
                Prepare.run(request(corpus("a.jsonl", texts), "out", 1, Options.PLAIN), new Saying(said));
        assertThat(said)
                .containsExactly(
                        "the corpus fits in one shard; its first tenth becomes the validation split",
                        "the corpus is small: the longest training shard has 92 tokens; train with --set"
                                + " batch.sequence_length=91 or less");
        assertThat(tokens("out", Split.VALIDATION)).filteredOn(t -> t == EOT).hasSize(2);
        assertThat(tokens("out", Split.TRAIN))
                .startsWith(EOT)
                .filteredOn(t -> t == EOT)
                .hasSize(23);
        assertThat(manifest.shards()).extracting(ShardManifest.ShardInfo::split).containsExactly("val", "train");
    }

    @Test
    void aSingleTextGivesATenthOfItsTokens() throws IOException {
        Path text = Files.writeString(directory.resolve("book.txt"), "It was a dark and stormy night. ".repeat(100));
        prepare(text, "out", 1, Options.PLAIN);
        assertThat(tokens("out", Split.VALIDATION)).hasSize(90).startsWith(EOT);
        assertThat(tokens("out", Split.TRAIN)).hasSize(812);
    }

    @Test
    void decisionsComeInInputOrderAndSayWhy() throws IOException {
        Path file = Files.writeString(directory.resolve("a.jsonl"), """
            {"text": "same words here for all of us to read", "id": "a"}
            {"text": null, "id": 2}
            {"text": "Same words  here for all of us to read"}
            no json
            {"text": "something else stands in this one, with the end"}
            """);
        Options options = Options.PLAIN
                .dedup(Dedup.EXACT)
                .badRows(BadRows.SKIP)
                .filters("- gopher_quality: {min_words: 8, min_stop_words: 1}");
        ShardManifest manifest = prepare(file, "out", 1, options);
        List<JsonNode> decisions = decisions("out");
        assertThat(decisions).extracting(d -> d.get("row").asInt()).containsExactly(0, 1, 2, 3, 4);
        assertThat(decisions)
                .extracting(d -> d.get("kept").asBoolean())
                .containsExactly(true, false, false, false, true);
        assertThat(decisions).extracting(d -> d.get("id").isNull()).containsExactly(false, false, true, true, true);
        assertThat(decisions.get(0).get("reason").isNull()).isTrue();
        assertThat(decisions.get(1).get("reason").asString()).isEqualTo("no_text: the text is null");
        assertThat(decisions.get(2).get("reason").asString()).isEqualTo("duplicate: of document 0");
        assertThat(decisions.get(3).get("reason").asString()).startsWith("unreadable: " + file + " line 4 is not JSON");
        assertThat(manifest.documents()).isEqualTo(5);
        assertThat(manifest.keptDocuments()).isEqualTo(2);
    }

    @Test
    void aBadRowStopsTheWorkUnlessToldToSkip() throws IOException {
        Path file = Files.writeString(directory.resolve("a.jsonl"), "{\"text\": \"a\"}\nno json\n{\"text\": \"b\"}\n");
        assertThatThrownBy(() -> prepare(file, "out", 2, Options.PLAIN))
                .isInstanceOf(WorkException.class)
                .hasMessageContaining("a.jsonl line 2 is not JSON");
        prepare(file, "skipped", 2, Options.PLAIN.badRows(BadRows.SKIP));
        assertThat(tokens("skipped", Split.TRAIN)).hasSize(2);
    }

    @Test
    void aFullDiskIsNamedAndTheWorkGoesOnWhenThereIsRoom() throws IOException {
        Path full = Path.of("/dev/full");
        Assumptions.assumeTrue(Files.exists(full), "no " + full);
        Path corpus = corpus(
                "a.jsonl", IntStream.range(0, 40).mapToObj(i -> "document " + i).toArray(String[]::new));
        prepare(corpus, "roomy", 1, Options.PLAIN.shardTokens(50));
        // What is written under the second shard's temporary name goes to a device that is always full.
        Path link = Files.createDirectories(directory.resolve("tight")).resolve(".t_train_000001.npy.tmp");
        Files.createSymbolicLink(link, full);
        assertThatThrownBy(() -> prepare(corpus, "tight", 1, Options.PLAIN.shardTokens(50)))
                .isInstanceOfSatisfying(WorkException.class, e -> {
                    assertThat(e.error())
                            .isEqualTo("cannot write " + directory.resolve("tight/t_train_000001.npy")
                                    + ": No space left on device");
                    assertThat(e.hint()).isEqualTo("df -h " + directory.resolve("tight"));
                });
        Files.deleteIfExists(link);
        prepare(corpus, "tight", 1, Options.PLAIN.shardTokens(50));
        assertThat(files("tight")).isEqualTo(files("roomy"));
    }

    @Test
    void nothingLeftIsRefused() throws IOException {
        assertThatThrownBy(
                        () -> prepare(corpus("a.jsonl", "a", "b"), "out", 1, Options.PLAIN.filters("- gopher_quality")))
                .isInstanceOf(RequestException.class)
                .hasMessage("no document is left of 2 read");
        assertThatThrownBy(() -> prepare(corpus("b.jsonl"), "none", 1, Options.PLAIN))
                .hasMessage("the input has 0 documents");
    }

    @Test
    void shufflingKeepsTheDocumentsAndChangesTheirOrderWithTheSeed() throws IOException {
        String[] texts = new String[500];
        Arrays.setAll(texts, i -> "number " + i);
        Path corpus = corpus("a.jsonl", texts);
        prepare(corpus, "plain", 1, Options.PLAIN.shardTokens(500));
        prepare(corpus, "one", 1, Options.PLAIN.shardTokens(500).shuffle(1));
        prepare(corpus, "two", 1, Options.PLAIN.shardTokens(500).shuffle(2));
        List<String> plain = documents("plain");
        assertThat(documents("one")).isNotEqualTo(plain).containsExactlyInAnyOrderElementsOf(plain);
        assertThat(documents("two")).isNotEqualTo(documents("one")).containsExactlyInAnyOrderElementsOf(plain);
    }

    @Test
    void benchmarksInTheTextAreCountedAndDroppedIfAsked() throws IOException {
        String question = "which of these thirteen words or more stand in a row in both texts of this test";
        Path benchmarks = Files.createDirectories(directory.resolve("benchmarks"));
        Files.writeString(
                benchmarks.resolve("toy.jsonl"), "{\"q\": {\"stem\": [\"" + question + "\"]}, \"a\": \"river\"}\n");
        Path corpus =
                corpus("a.jsonl", "x " + question.toUpperCase(Locale.ROOT) + "!", "a river", question.substring(40));
        Options count = Options.PLAIN.contamination(Contamination.of(benchmarks, Contamination.Policy.COUNT));
        prepare(corpus, "counted", 1, count);
        assertThat(report("counted").at("/benchmarks_found_in_documents/toy").asInt())
                .isEqualTo(1);
        prepare(
                corpus,
                "dropped",
                1,
                Options.PLAIN.contamination(Contamination.of(benchmarks, Contamination.Policy.DROP)));
        assertThat(decisions("dropped"))
                .extracting(d -> d.get("kept").asBoolean())
                .containsExactly(false, true, true);
        assertThat(decisions("dropped").getFirst().get("reason").asString()).isEqualTo("contaminated: toy");
    }

    @Test
    void theReportCountsWhatHappened() throws IOException {
        Path file = Files.writeString(directory.resolve("a.jsonl"), """
            {"text": "USER: hi ASSISTANT: hello <b>"}
            {"text": ""}
            {"text": "x\\ud800"}
            {"text": null}
            {"text": "user: HI assistant: hello <B>"}
            """);
        prepare(file, "out", 1, Options.PLAIN.dedup(Dedup.EXACT));
        JsonNode report = report("out");
        assertThat(report.get("documents_in").asInt()).isEqualTo(5);
        assertThat(report.get("documents_kept").asInt()).isEqualTo(3);
        assertThat(report.get("empty_texts").asInt()).isEqualTo(1);
        assertThat(report.get("repaired_texts").asInt()).isEqualTo(1);
        assertThat(report.at("/dropped/no_text").asInt()).isEqualTo(1);
        assertThat(report.at("/dropped/duplicate").asInt()).isEqualTo(1);
        assertThat(report.at("/duplicate_clusters_by_size/2").asInt()).isEqualTo(1);
        assertThat(report.at("/instruction_markers/ASSISTANT:").asInt()).isEqualTo(1);
        assertThat(report.at("/examples/duplicate/0/text").asString()).isEqualTo("user: HI assistant: hello <B>");
        assertThat(report.at("/documents_by_tokens/1").asInt()).isEqualTo(1);
        assertThat(Files.readString(directory.resolve("out-report.html")))
                .contains("hello &lt;B&gt;")
                .doesNotContain("<B>");
    }

    private static String[] random(int documents) {
        Random random = new Random(5);
        String[] texts = new String[documents];
        for (int i = 0; i < documents; i++) {
            if (i > 10 && random.nextInt(10) == 0) {
                texts[i] = texts[random.nextInt(i)];
                continue;
            }
            StringBuilder text = new StringBuilder();
            for (int w = random.nextInt(120); w >= 0; w--) {
                text.append("word").append(random.nextInt(3_000)).append(w % 12 == 0 ? ".\n" : " ");
            }
            texts[i] = text.append(i % 7 == 0 ? "With javascript here.\n" : "").toString();
        }
        return texts;
    }

    private Path corpus(String name, String... texts) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (String text : texts) {
            // Padding makes several blocks of few tokens.
            lines.append(JSON.writeValueAsString(Map.of("text", text, "pad", "x".repeat(9_000))))
                    .append('\n');
        }
        return Files.writeString(directory.resolve(name), lines);
    }

    private record Options(
            long shardTokens,
            Dedup dedup,
            FilterChain chain,
            OptionalLong seed,
            BadRows badRows,
            Optional<Contamination> contamination) {
        static final Options PLAIN = new Options(
                1_000_000, Dedup.NONE, FilterChain.NONE, OptionalLong.empty(), BadRows.REFUSE, Optional.empty());

        Options shardTokens(long n) {
            return new Options(n, dedup, chain, seed, badRows, contamination);
        }

        Options dedup(Dedup kind) {
            return new Options(shardTokens, kind, chain, seed, badRows, contamination);
        }

        Options filters(String yaml) throws IOException {
            Path file = Files.createTempFile("filters", ".yaml");
            Files.writeString(file, yaml);
            return new Options(shardTokens, dedup, FilterFile.named(file.toString()), seed, badRows, contamination);
        }

        Options shuffle(long shuffleSeed) {
            return new Options(shardTokens, dedup, chain, OptionalLong.of(shuffleSeed), badRows, contamination);
        }

        Options badRows(BadRows policy) {
            return new Options(shardTokens, dedup, chain, seed, policy, contamination);
        }

        Options contamination(Contamination found) {
            return new Options(shardTokens, dedup, chain, seed, badRows, Optional.of(found));
        }
    }

    @Test
    void whatIsMissingOfADamagedFileIsInTheReport() throws IOException {
        ByteArrayOutputStream members = new ByteArrayOutputStream();
        for (int m = 0; m < 2; m++) {
            try (GZIPOutputStream gzip = new GZIPOutputStream(members)) {
                gzip.write("{\"text\":\"one\"}\n{\"text\":\"two\"}\n".getBytes(StandardCharsets.UTF_8));
            }
        }
        Path file = Files.write(
                directory.resolve("cut.jsonl.gz"), Arrays.copyOf(members.toByteArray(), members.size() / 2 + 5));
        assertThatThrownBy(() -> prepare(file, "refused", 1, Options.PLAIN))
                .isInstanceOf(WorkException.class)
                .hasMessageContaining("cut.jsonl.gz is damaged at byte ");
        ShardManifest manifest = prepare(file, "skipped", 1, Options.PLAIN.badRows(BadRows.SKIP));
        assertThat(manifest.documents()).isEqualTo(2);
        assertThat(Files.readString(directory.resolve("skipped-report.json")))
                .contains(
                        "\"unreadable_files\" : 1", "cut.jsonl.gz is damaged at byte ", "2 documents were read before");
        assertThat(Files.readString(directory.resolve("skipped-report.html"))).contains("What was not read");
    }

    private ShardManifest prepare(Path input, String out, int workers, Options options) {
        return Prepare.run(request(input, out, workers, options), Progress.silent());
    }

    private PrepareRequest request(Path input, String out, int workers, Options options) {
        Hub hub = new Hub(HubSettings.of(Map.of(), directory), Progress.silent());
        return new PrepareRequest(
                Sources.find(List.of(input.toString()), Reading.of("text"), hub),
                directory.resolve(out),
                GPT2,
                "gpt2",
                "t",
                options.shardTokens(),
                options.chain(),
                options.dedup(),
                Dedup.Scope.GLOBAL,
                workers,
                options.seed(),
                options.badRows(),
                options.contamination(),
                Optional.of(directory.resolve(out + "-report.html")),
                Optional.of(directory.resolve(out + "-decisions.jsonl")));
    }

    private List<JsonNode> decisions(String out) throws IOException {
        return Files.readString(directory.resolve(out + "-decisions.jsonl"))
                .lines()
                .map(JSON::readTree)
                .toList();
    }

    private JsonNode report(String out) throws IOException {
        return JSON.readTree(Files.readString(directory.resolve(out + "-report.json")));
    }

    private List<Integer> tokens(String out, Split split) {
        List<Integer> tokens = new ArrayList<>();
        try (Shards shards = Shards.open(directory.resolve(out))) {
            shards.of(split).forEach(s -> {
                for (long i = 0; i < s.length(); i++) {
                    tokens.add(s.tokens().tokenAt(i));
                }
            });
        }
        return tokens;
    }

    private List<String> documents(String out) {
        List<Integer> tokens = new ArrayList<>(tokens(out, Split.VALIDATION));
        tokens.addAll(tokens(out, Split.TRAIN));
        String all = GPT2.decode(tokens.stream().mapToInt(t -> t).toArray());
        return List.of(all.substring("<|endoftext|>".length()).split("<\\|endoftext\\|>"));
    }

    /** All files below a directory and beside it that belong to it, with their bytes. */
    private SortedMap<String, String> files(String out) throws IOException {
        SortedMap<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(directory.resolve(out))) {
            for (Path file : all.filter(Files::isRegularFile)
                    .filter(f -> !f.toString().contains(".prepare"))
                    .toList()) {
                files.put(
                        directory.resolve(out).relativize(file).toString(),
                        new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
            }
        }
        return files;
    }

    private static void delete(Path root) throws IOException {
        if (Files.exists(root)) {
            try (Stream<Path> all = Files.walk(root)) {
                for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private record Saying(List<String> said) implements Progress {
        @Override
        public Task begin(String name, String unit, long total) {
            return Progress.silent().begin(name, unit, total);
        }

        @Override
        public void say(String line) {
            said.add(line);
        }
    }

    /** Throws at the n-th step it is told of, as a kill would, with no chance to tidy up what is unforced. */
    private static final class Breaking implements Progress, Progress.Task {
        static final class Broken extends RuntimeException {
            private static final long serialVersionUID = 1L;
        }

        private int allowed;

        Breaking(int allowed) {
            this.allowed = allowed;
        }

        @Override
        public Task begin(String name, String unit, long total) {
            return this;
        }

        @Override
        public void say(String line) {}

        @Override
        public void advance(long amount) {
            if (--allowed < 0) {
                throw new Broken();
            }
        }

        @Override
        public void note(String words) {}

        @Override
        public void close() {}
    }
}
