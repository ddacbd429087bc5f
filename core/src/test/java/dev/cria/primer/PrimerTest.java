package dev.cria.primer;

import static org.assertj.core.api.Assertions.assertThat;

import com.jerolba.carpet.CarpetReader;
import com.jerolba.carpet.FieldMatchingStrategy;
import dev.cria.Progress;
import dev.cria.primer.PrimerOptions.Size;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ForkJoinPool;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is written, read back from the files as a user would. */
final class PrimerTest {
    private static final PrimerOptions OPTIONS = new PrimerOptions(Size.QUICK, 7);
    private static final Set<String> OF_TEXT = Set.of("definition", "meaning", "quality", "use");

    @TempDir
    static Path dir;

    private static List<String> texts = List.of();

    @BeforeAll
    static void write() throws IOException {
        Primer.write(dir, OPTIONS, Progress.silent());
        texts = documents(dir).stream().map(DocumentRow::text).toList();
    }

    private static List<DocumentRow> documents(Path of) throws IOException {
        return new CarpetReader<>(of.resolve("documents/part-00000.parquet").toFile(), DocumentRow.class)
                .withFieldMatchingStrategy(FieldMatchingStrategy.SNAKE_CASE)
                .toList();
    }

    @Test
    void oneThreadAndAllThreadsWriteTheSameBytes(@TempDir Path again) throws Exception {
        try (ForkJoinPool one = new ForkJoinPool(1)) {
            one.submit(() -> Primer.write(again, OPTIONS, Progress.silent())).get();
        }

        assertThat(Checksums.of(again)).isEqualTo(Checksums.of(dir)).hasSizeGreaterThan(18);
        assertThat(again.resolve("manifest.json")).hasSameTextualContentAs(dir.resolve("manifest.json"));
    }

    @Test
    void anotherSeedWritesOtherLessons(@TempDir Path other) throws IOException {
        Primer.write(other, new PrimerOptions(Size.QUICK, 8), Progress.silent());

        Set<String> seen = new HashSet<>(texts);
        long same = documents(other).stream()
                .filter(row -> seen.contains(row.text()))
                .count();
        assertThat(same).isLessThan(texts.size() / 20);
    }

    @Test
    void documentsHaveTheColumnsOfFineWebEdu() throws IOException {
        Map<?, ?> row = new CarpetReader<>(
                        dir.resolve("documents/part-00000.parquet").toFile(), Map.class)
                .toList()
                .getFirst();

        assertThat(row.keySet().stream().map(String::valueOf))
                .containsExactlyInAnyOrder(
                        "text",
                        "id",
                        "dump",
                        "url",
                        "file_path",
                        "language",
                        "language_score",
                        "token_count",
                        "score",
                        "int_score");
        assertThat(row.get("token_count")).isInstanceOf(Long.class);
        assertThat(row.get("score")).isInstanceOf(Double.class);
        assertThat(row.get("int_score")).isInstanceOf(Long.class);
    }

    @Test
    void copiesAndWorthlessPagesArePlanted() throws IOException {
        List<DocumentRow> rows = documents(dir);
        long exact = rows.size() - new HashSet<>(texts).size();
        long worthless = rows.stream().filter(row -> row.score() < 1).count();

        assertThat(exact).isBetween(rows.size() / 200L, rows.size() / 10L);
        assertThat(worthless).isBetween(rows.size() / 100L, rows.size() / 10L);
    }

    @Test
    void noDocumentOrAnswerNamesBothEndsOfAHeldOutFact() throws IOException {
        List<String> all = new ArrayList<>(texts);
        for (JsonNode row : jsonl("instructions.jsonl")) {
            all.add(row.get("output").asString());
        }
        List<String> lower =
                all.stream().map(text -> text.toLowerCase(Locale.ROOT)).toList();
        List<JsonNode> heldOut = jsonl("facts.jsonl").stream()
                .filter(fact -> fact.get("split").asString().equals("heldout"))
                .toList();
        assertThat(heldOut).hasSizeGreaterThan(40);
        for (JsonNode fact : heldOut) {
            String concept = fact.get("concept").asString().toLowerCase(Locale.ROOT);
            String object = fact.get("object").asString().toLowerCase(Locale.ROOT);
            if (OF_TEXT.contains(fact.get("relation").asString())) {
                assertThat(lower).as("%s", fact).noneMatch(text -> names(text, concept) && text.contains(object));
            } else {
                assertThat(lower).as("%s", fact).noneMatch(text -> names(text, concept) && names(text, object));
            }
            assertThat(fact.get("statements").asInt()).isZero();
        }
    }

    private static boolean names(String text, String word) {
        return text.contains(word)
                && Pattern.compile("(?<![a-z-])" + Pattern.quote(word) + "(?![a-z-])")
                        .matcher(text)
                        .find();
    }

    @ParameterizedTest
    @EnumSource
    void benchmarksHaveTheSchemaOfTheRealOnesAndBalancedAnswers(Exam.Task task) throws IOException {
        for (String folder : List.of("benchmarks", "heldout")) {
            List<JsonNode> rows = jsonl(folder + "/" + task.key() + ".jsonl");
            Map<String, Integer> golds = new TreeMap<>();
            for (JsonNode row : rows) {
                assertThat(row.propertyNames()).containsExactlyElementsOf(keys(task));
                golds.merge(row.get(goldKey(task)).asString(), 1, Integer::sum);
            }
            assertThat(rows).as(folder).hasSizeBetween(folder.equals("heldout") ? 40 : 100, 300);
            assertThat(golds).hasSize(task.choices());
            int most = golds.values().stream().mapToInt(i -> i).max().orElseThrow();
            int fewest = golds.values().stream().mapToInt(i -> i).min().orElseThrow();
            assertThat(most - fewest).as("%s %s", folder, golds).isLessThanOrEqualTo(1);
        }
    }

    private static List<String> keys(Exam.Task task) {
        return switch (task) {
            case HELLASWAG -> List.of("ind", "activity_label", "ctx_a", "ctx_b", "ctx", "endings", "label", "split");
            case ARC_EASY, ARC_CHALLENGE -> List.of("id", "question", "choices", "answerKey");
            case OPENBOOKQA -> List.of("id", "question_stem", "choices", "answerKey");
            case PIQA -> List.of("goal", "sol1", "sol2", "label");
            case BOOLQ -> List.of("idx", "passage", "question", "label");
            case WINOGRANDE -> List.of("sentence", "option1", "option2", "answer");
        };
    }

    private static String goldKey(Exam.Task task) {
        return switch (task) {
            case HELLASWAG, PIQA, BOOLQ -> "label";
            case ARC_EASY, ARC_CHALLENGE, OPENBOOKQA -> "answerKey";
            case WINOGRANDE -> "answer";
        };
    }

    @Test
    void noQuestionOfABenchmarkStandsInADocument() throws IOException {
        String all = String.join("\n", texts);
        Map<String, String> asked = new HashMap<>(Map.of(
                "arc_easy", "question", "arc_challenge", "question", "openbookqa", "question_stem", "piqa", "goal"));
        asked.put("hellaswag", "ctx");
        for (Map.Entry<String, String> task : asked.entrySet()) {
            for (JsonNode row : jsonl("benchmarks/" + task.getKey() + ".jsonl")) {
                assertThat(all).doesNotContain(row.get(task.getValue()).asString());
            }
        }
    }

    @Test
    void instructionsHeldOutAreNotAmongTheOthersAndAllowTheirOwnAnswer() throws IOException {
        Set<String> asked = new HashSet<>();
        jsonl("instructions.jsonl")
                .forEach(row -> asked.add(row.get("instruction").asString()));
        for (JsonNode row : jsonl("instructions_heldout.jsonl")) {
            assertThat(asked).doesNotContain(row.get("instruction").asString());
            List<String> answers =
                    row.get("answers").values().stream().map(JsonNode::asString).toList();
            assertThat(row.get("output").asString())
                    .matches(output -> answers.stream().anyMatch(output::endsWith));
        }
    }

    @Test
    void noTextHasAnOpenSlotOrADoubledMark() {
        assertThat(texts).noneMatch(text -> text.matches("(?s).*(\\{|}|\\?\\.|!\\.|\\b(a|an) (a|an|the) ).*"));
    }

    private static List<JsonNode> jsonl(String name) throws IOException {
        return Files.readAllLines(dir.resolve(name)).stream()
                .map(JsonMapper.shared()::readTree)
                .toList();
    }
}
