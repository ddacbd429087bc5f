package dev.cria.demo;

import dev.cria.format.AtomicFiles;
import dev.cria.tune.Asked;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;

/**
 * Answers to questions that were not among the instructions, each right if it is one of the answers that WordNet allows:
 * equal but for case, punctuation, and articles or a preposition in front.
 *
 * @see "Rajpurkar et al. 2016, SQuAD, whose exact match leaves out the same"
 */
final class ExactMatch {
    private static final Pattern IN_FRONT = Pattern.compile("^(?:(?:a|an|the|to|in) )+");
    private static final Pattern NOT_WORD = Pattern.compile("[^\\p{L}\\p{N}' -]+");
    private static final JsonMapper JSON = new JsonMapper();

    private ExactMatch() {}

    /** A question, and the answers that are true. */
    record Question(String instruction, List<String> answers) {
        boolean isRight(String answer) {
            String given = normal(answer);
            return answers.stream().map(ExactMatch::normal).anyMatch(given::equals);
        }
    }

    /** An answer, and whether it is right. */
    record Answer(String text, boolean right) {}

    /** The first so many questions of a file of Primer's, 0 for all. */
    static List<Question> read(Path file, int most) {
        try (var lines = Files.lines(file)) {
            return lines.limit(most == 0 ? Long.MAX_VALUE : most)
                    .map(JSON::readTree)
                    .map(row -> new Question(
                            row.path("instruction").asString(),
                            row.path("answers").values().stream()
                                    .map(answer -> answer.asString())
                                    .toList()))
                    .toList();
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(file, e);
        }
    }

    static Answer answer(Asked model, Question question) {
        String text = model.answerText(question.instruction()).strip();
        return new Answer(text, question.isRight(text));
    }

    static String normal(String answer) {
        String words = NOT_WORD.matcher(answer.toLowerCase(Locale.ROOT)).replaceAll(" ");
        return IN_FRONT.matcher(words.replaceAll("\\s+", " ").strip()).replaceFirst("");
    }
}
