package dev.cria.primer;

import static org.assertj.core.api.Assertions.assertThat;

import com.jerolba.carpet.CarpetReader;
import com.jerolba.carpet.FieldMatchingStrategy;
import dev.cria.Progress;
import dev.cria.primer.PrimerOptions.Planting;
import dev.cria.primer.PrimerOptions.Size;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the file of planted facts says is what the documents tell. */
final class PlantsTest {
    private static final int FACTS = 20;
    private static final int TIMES = 4;
    private static final Pattern CREATURE =
            Pattern.compile("(?:The colour of a|The home of every|The food of a|The sound of a) (\\w+)");

    @TempDir
    private Path folder;

    private List<JsonNode> lines(String file) throws IOException {
        return Files.readAllLines(folder.resolve(file)).stream()
                .map(JsonMapper.shared()::readTree)
                .toList();
    }

    @Test
    void eachFactIsToldInTheDocumentsThatTheTruthNamesAndInNoOther() throws Exception {
        Primer.write(folder, new PrimerOptions(Size.QUICK, 7, new Planting(FACTS, TIMES, 100, 4)), Progress.silent());
        List<DocumentRow> documents = new CarpetReader<>(
                        folder.resolve("documents/part-00000.parquet").toFile(), DocumentRow.class)
                .withFieldMatchingStrategy(FieldMatchingStrategy.SNAKE_CASE)
                .toList();
        List<JsonNode> truth = lines("planted.jsonl");
        List<JsonNode> questions = lines("planted/openbookqa.jsonl");
        assertThat(truth).hasSize(FACTS);
        assertThat(questions).hasSize(FACTS);
        for (int i = 0; i < FACTS; i++) {
            JsonNode fact = truth.get(i);
            String name = fact.path("name").asString();
            List<Integer> told =
                    fact.path("documents").valueStream().map(JsonNode::asInt).toList();
            assertThat(IntStream.range(0, documents.size())
                            .filter(d -> documents.get(d).text().contains(name))
                            .boxed()
                            .toList())
                    .as(name)
                    .isEqualTo(told);
            assertThat(told)
                    .allMatch(d ->
                            documents.get(d).text().contains(fact.path("answer").asString()));
            switch (fact.path("plan").asString()) {
                case "never" -> assertThat(told).isEmpty();
                case "times" -> assertThat(told).hasSize(TIMES);
                default -> assertThat(told.getLast()).isGreaterThan(documents.size() * 95 / 100);
            }
            if (!told.isEmpty()) {
                assertThat(told.getFirst() / (double) documents.size())
                        .isBetween(
                                fact.path("from").asDouble() - 0.001,
                                fact.path("from").asDouble() + 0.01);
            }
            JsonNode choices = questions.get(i).path("choices").path("text");
            int right = "ABCD".indexOf(questions.get(i).path("answerKey").asString());
            assertThat(questions.get(i).path("question_stem").asString()).contains(name);
            assertThat(choices.get(right).asString())
                    .isEqualTo(fact.path("answer").asString());
        }
        assertThat(truth.stream().map(fact -> fact.path("plan").asString()).distinct())
                .containsExactlyInAnyOrder("onward", "times", "never");
        List<String> known =
                truth.stream().map(fact -> fact.path("name").asString()).toList();
        Set<String> practised = documents.subList(0, documents.size() / 10).stream()
                .flatMap(document -> CREATURE.matcher(document.text()).results())
                .map(found -> found.group(1))
                .collect(Collectors.toSet());
        assertThat(practised)
                .as("facts for practice, from the beginning on")
                .hasSize(4)
                .doesNotContainAnyElementsOf(known);
        assertThat(documents.getFirst().tokenCount())
                .isEqualTo(DocumentRow.tokens(documents.getFirst().text()));
    }
}
