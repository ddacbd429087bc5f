package dev.cria.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.demo.ExactMatch.Question;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ExactMatchTest {
    private final Question robin = new Question("What is a robin?", List.of("bird", "songbird"));

    @ParameterizedTest
    @ValueSource(strings = {"bird", "a bird", "A bird.", " the Bird!", "\"songbird\"", "a songbird,"})
    void caseArticleAndMarksDoNotMatter(String answer) {
        assertThat(robin.isRight(answer)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "birds", "a bird of prey", "a robin is a bird", "song bird", "cat"})
    void anyOtherWordIsWrong(String answer) {
        assertThat(robin.isRight(answer)).isFalse();
    }

    @Test
    void prepositionInFrontIsLeftOut() {
        assertThat(new Question("Where is Norway?", List.of("Europe")).isRight("in Europe."))
                .isTrue();
        assertThat(new Question("What is a nap?", List.of("to sleep")).isRight("sleep"))
                .isTrue();
        assertThat(new Question("What is it?", List.of("an inn")).isRight("the inn"))
                .isTrue();
    }

    @Test
    void readsAsManyQuestionsAsAskedFor(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("questions.jsonl"), """
            {"instruction": "What is a robin?", "input": "", "output": "a bird", "answers": ["bird", "songbird"]}
            {"instruction": "Where is Norway?", "input": "", "output": "Europe", "answers": ["Europe"]}
            """);
        assertThat(ExactMatch.read(file, 1)).containsExactly(robin);
        assertThat(ExactMatch.read(file, 0)).hasSize(2);
    }
}
