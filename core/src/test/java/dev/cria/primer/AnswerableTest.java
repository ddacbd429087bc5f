package dev.cria.primer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.Progress;
import dev.cria.primer.Exam.Task;
import dev.cria.primer.PrimerOptions.Size;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Benchmarks can be answered from the documents: whoever merely counts which words stand together in a sentence answers
 * questions on stated facts well above chance.
 */
final class AnswerableTest {
    private static final Map<String, Integer> ALONE = new HashMap<>();
    private static final Map<String, Integer> TOGETHER = new HashMap<>();
    private static int sentences;
    private static Exam exam;
    private static Map<Task, List<Item>> known = Map.of();
    private static Map<Task, List<Item>> unknown = Map.of();

    @BeforeAll
    static void count() {
        PrimerOptions options = new PrimerOptions(Size.QUICK, 11);
        Syllabus chosen = Syllabus.of(options.size(), options.seed());
        Phrasebook phrasebook = new Phrasebook();
        exam = new Exam(new Items(chosen, phrasebook), 100, 5);
        unknown = exam.items(
                chosen.facts().stream().filter(fact -> !fact.isStated()).toList());
        Syllabus syllabus = chosen.keepingOut(unknown.values().stream()
                .flatMap(List::stream)
                .flatMap(item -> item.claims().stream())
                .toList());
        Corpus corpus = Corpus.write(syllabus, phrasebook, options, Progress.silent());
        for (DocumentRow row : corpus.documents()) {
            for (String sentence : row.text().split("(?<=[.?!])\\s+(?!Answer)")) {
                Set<String> words = words(sentence);
                sentences++;
                words.forEach(word -> ALONE.merge(word, 1, Integer::sum));
                words.forEach(a -> words.forEach(b -> TOGETHER.merge(a + " " + b, 1, Integer::sum)));
            }
        }
        known = exam.items(syllabus.facts().stream()
                .filter(fact -> corpus.statements()[fact.id()] >= 8)
                .toList());
    }

    @ParameterizedTest
    @EnumSource(
            value = Task.class,
            names = {"ARC_EASY", "OPENBOOKQA"})
    void wordsThatStandTogetherAnswerStatedFacts(Task task) {
        assertThat(accuracy(exam.rows(task, known.get(task)), task)).isGreaterThan(0.6);
    }

    /** Not even that the right choice is the one that never stood beside its concept: the wrong ones did not either. */
    @Test
    void theyDoNotLeadAwayFromHeldOutFacts() {
        List<Task> tasks = List.of(Task.ARC_EASY, Task.ARC_CHALLENGE, Task.OPENBOOKQA);
        double mean = tasks.stream()
                .mapToDouble(task -> accuracy(exam.rows(task, unknown.get(task)), task))
                .average()
                .orElseThrow();
        int rows = tasks.stream().mapToInt(task -> unknown.get(task).size()).sum();
        assertThat(mean).isGreaterThan(0.25 - 2 * Math.sqrt(0.25 * 0.75 / rows));
    }

    private static double accuracy(List<Map<String, Object>> rows, Task task) {
        long right = rows.stream().filter(row -> isRight(row, task)).count();
        return (double) right / rows.size();
    }

    @SuppressWarnings("unchecked")
    private static boolean isRight(Map<String, Object> row, Task task) {
        String question = (String) row.get(task == Task.OPENBOOKQA ? "question_stem" : "question");
        List<String> choices = (List<String>) ((Map<String, Object>) row.get("choices")).get("text");
        int best = 0;
        for (int i = 1; i < choices.size(); i++) {
            if (score(question, choices.get(i)) > score(question, choices.get(best))) {
                best = i;
            }
        }
        return "ABCD".substring(best, best + 1).equals(row.get("answerKey"));
    }

    /** Pointwise mutual information, summed over the pairs of words and divided by the choice's words. */
    private static double score(String question, String choice) {
        double sum = 0;
        Set<String> chosen = words(choice);
        for (String a : words(question)) {
            for (String b : chosen) {
                double expected = (double) ALONE.getOrDefault(a, 0) * ALONE.getOrDefault(b, 0) / sentences;
                double seen = TOGETHER.getOrDefault(a + " " + b, 0);
                sum += seen > 0 ? Math.max(0, Math.log(seen / expected)) : 0;
            }
        }
        return sum / chosen.size();
    }

    private static Set<String> words(String text) {
        Set<String> words =
                new HashSet<>(Arrays.asList(text.toLowerCase(Locale.ROOT).split("[^a-z'-]+")));
        words.removeAll(Set.of("", "a", "an", "the", "of", "is", "to", "in", "which", "these", "what", "that", "or"));
        return words;
    }
}
