package dev.cria.eval;

import dev.cria.format.AtomicFiles;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/**
 * One document of a benchmark as a model is asked it: which of the choices is the likeliest?
 *
 * @param gold the index of the right choice
 */
public record Question(List<Choice> choices, int gold) {

    public Question {
        choices = List.copyOf(choices);
        if (gold < 0 || gold >= choices.size()) {
            throw new IllegalArgumentException("gold " + gold + " of " + choices.size() + " choices");
        }
    }

    /**
     * @param continuation what is scored after the context, the joining space in front included
     * @param characters Unicode code points of the choice itself, by which acc_norm divides
     */
    public record Choice(String context, String continuation, int characters) {}

    /** The SHA-256 of all that questions say. */
    static String hash(List<Question> questions) {
        MessageDigest digest = AtomicFiles.sha256();
        for (Question question : questions) {
            for (Choice choice : question.choices()) {
                String text = choice.context() + '\0' + choice.continuation() + '\0';
                digest.update(text.getBytes(StandardCharsets.UTF_8));
            }
            digest.update((byte) question.gold());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The same context before every choice, joined by one space. */
    static Question of(String context, List<String> choices, int gold) {
        return new Question(
                choices.stream()
                        .map(choice -> new Choice(context, " " + choice, PythonText.length(choice)))
                        .toList(),
                gold);
    }
}
