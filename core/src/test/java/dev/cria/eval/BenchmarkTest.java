package dev.cria.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.eval.Question.Choice;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

final class BenchmarkTest {

    @Test
    void hellaSwagCleansTheContextAndTheEndings() {
        Question question = Benchmark.HELLASWAG.question(row("""
            {"activity_label": "Baking", "ctx_a": "[header] How to bake [title] Mix.", "ctx_b": "THEN he",
             "ctx": "unused", "label": "1",
             "endings": ["[step] stirs   well.", " eats [title] sleeps "]}\
            """));

        assertThat(question)
                .isEqualTo(new Question(
                        List.of(
                                new Choice("Baking: How to bake. Mix. Then he", "  stirs  well.", 13),
                                new Choice("Baking: How to bake. Mix. Then he", " eats. sleeps", 12)),
                        1));
    }

    @Test
    void aBracketThatSpansLinesStays() {
        Question question = Benchmark.HELLASWAG.question(row("""
            {"activity_label": "A", "ctx_a": "[x\\ny] [z\\u2028]", "ctx_b": "", "label": 0, "endings": ["b", "c"]}\
            """));

        assertThat(question.choices().getFirst().context()).isEqualTo("A: [x\ny] ");
    }

    @Test
    void arcAsksAQuestionWithLettersOrNumbersAsLabels() {
        String row = """
            {"question": "Why?", "choices": {"text": ["So", "No", "Ah"], "label": ["1", "2", "3"]}, "answerKey": "3"}\
            """;
        Question expected = Question.of("Question: Why?\nAnswer:", List.of("So", "No", "Ah"), 2);

        assertThat(Benchmark.ARC_EASY.question(row(row))).isEqualTo(expected);
        assertThat(Benchmark.ARC_CHALLENGE.question(row(row))).isEqualTo(expected);
    }

    @Test
    void openBookQaAsksTheBareStem() {
        Question question = Benchmark.OPENBOOKQA.question(row("""
            {"question_stem": "A dog ", "choices": {"text": ["runs", "🦊"], "label": ["A", "B"]}, "answerKey": " B"}\
            """));

        assertThat(question)
                .isEqualTo(new Question(List.of(new Choice("A dog ", " runs", 4), new Choice("A dog ", " 🦊", 1)), 1));
    }

    @Test
    void piqaAsksTheGoalAsAQuestion() {
        assertThat(Benchmark.PIQA.question(row("""
            {"goal": "Open it", "sol1": "pull ", "sol2": "push", "label": 0}\
            """)))
                .isEqualTo(Question.of("Question: Open it\nAnswer:", List.of("pull ", "push"), 0));
    }

    @ParameterizedTest
    @CsvSource({"label, 1, 1", "label, 0, 0", "answer, true, 1", "answer, false, 0"})
    void boolQTakesEitherSchema(String field, String value, int gold) {
        assertThat(Benchmark.BOOLQ.question(row("""
            {"passage": "P.", "question": "is it", "%s": %s}\
            """.formatted(field, value))))
                .isEqualTo(Question.of("P.\nQuestion: is it?\nAnswer:", List.of("no", "yes"), gold));
    }

    @Test
    void winoGrandePutsTheNameIntoTheContext() {
        assertThat(Benchmark.WINOGRANDE.question(row("""
            {"sentence": "Ann saw that _'s  cat slept. ", "option1": "Ann", "option2": "Eve", "answer": "2"}\
            """)))
                .isEqualTo(new Question(
                        List.of(
                                new Choice("Ann saw that Ann", " 's  cat slept.", 14),
                                new Choice("Ann saw that Eve", " 's  cat slept.", 14)),
                        1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PIQA | {'goal': 'g', 'sol1': 'a', 'label': 0} | field sol2 is missing; the fields here are goal,"
                        + " sol1, label",
                "PIQA | {'goal': 'g', 'sol1': 'a', 'sol2': null, 'label': 0} | field sol2 is missing; the fields here"
                        + " are goal, sol1, sol2, label",
                "PIQA | {'goal': 'g', 'sol1': 'a', 'sol2': 'b', 'label': 2} | field label is 2, outside 0 to 1",
                "PIQA | {'goal': 'g', 'sol1': 'a', 'sol2': 'b', 'label': -1} | field label is -1, outside 0 to 1",
                "PIQA | {'goal': 7, 'sol1': 'a', 'sol2': 'b', 'label': 0} | field goal is 7, not a text",
                "WINOGRANDE | {'sentence': 'a _', 'option1': 'a', 'option2': 'b', 'answer': ''} | field answer is"
                        + " \"\", not a whole number",
                "WINOGRANDE | {'sentence': 'a _', 'option1': 'a', 'option2': 'b', 'answer': '3'} | field answer is 3,"
                        + " outside 1 to 2",
                "WINOGRANDE | {'sentence': 'a', 'option1': 'a', 'option2': 'b', 'answer': '1'} | field sentence has no"
                        + " _ in it",
                "ARC_EASY | {'question': 'q', 'choices': {'text': ['a'], 'label': ['A']}, 'answerKey': 'E'} | field"
                        + " answerKey is \"E\", not one of A",
                "ARC_EASY | {'question': 'q', 'choices': {'text': ['a', 'b'], 'label': ['A']}, 'answerKey': 'A'} |"
                        + " field choices has 2 texts and 1 labels",
                "ARC_EASY | {'question': 'q', 'choices': 'a', 'answerKey': 'A'} | field choices is \"a\", not an"
                        + " object",
                "HELLASWAG | {'activity_label': 'a', 'ctx_a': 'a', 'ctx_b': '', 'endings': [], 'label': '0'} | field"
                        + " endings is [], not a list of texts",
                "HELLASWAG | {'activity_label': 'a', 'ctx_a': 'a', 'ctx_b': '', 'endings': ['a', 1], 'label': '0'} |"
                        + " field endings holds 1, not a text",
                "BOOLQ | {'passage': 'p', 'question': 'q', 'answer': 'yes'} | field answer is \"yes\", not true or"
                        + " false",
            })
    void refusesARowWithFileLineAndField(Benchmark benchmark, String json, String why) {
        assertThatThrownBy(() -> benchmark.question(row(json.replace('\'', '"'))))
                .isInstanceOf(RequestException.class)
                .hasMessage("rows/x.jsonl, line 8: " + why);
    }

    @Test
    void refusesAnUnknownName() {
        assertThatThrownBy(() -> Benchmark.named("hellaswagg"))
                .isInstanceOf(RequestException.class)
                .hasMessage("there is no benchmark hellaswagg");
    }

    static Row row(String json) {
        return new Row(Path.of("rows/x.jsonl"), 8, JsonMapper.shared().readTree(json));
    }
}
