package dev.cria.tune;

import dev.cria.generate.Completion;
import dev.cria.tune.PromptSensitivity.Variant;
import java.util.ArrayList;
import java.util.List;

/**
 * Two models side by side, such as before and after tuning: their answers to the same questions with the answers'
 * lengths, and how each takes a change in the last characters of a prompt.
 */
public record Comparison(
        String before, String after, List<Row> answers, List<Variant> beforeVariants, List<Variant> afterVariants) {

    /** A question, and what each model says. */
    public record Row(String question, Answer before, Answer after) {}

    /** An answer and how long it is. */
    public record Answer(String text, int tokens, int words, int characters) {
        static Answer of(Asked model, String question) {
            Completion completion = model.answer(question);
            String text = model.text(completion).strip();
            int words = text.isEmpty() ? 0 : text.split("\\s+").length;
            return new Answer(text, completion.ids().length, words, text.length());
        }
    }

    /** Puts every question to both; the first is also asked with other endings of the prompt. */
    public static Comparison of(Asked before, Asked after, List<String> questions) {
        List<Row> rows = new ArrayList<>();
        for (String question : questions) {
            rows.add(new Row(question, Answer.of(before, question), Answer.of(after, question)));
        }
        String first = questions.getFirst();
        return new Comparison(
                before.name(),
                after.name(),
                rows,
                PromptSensitivity.of(before, first),
                PromptSensitivity.of(after, first));
    }

    /** Mean tokens of the answers before and after. */
    public double meanTokensBefore() {
        return answers.stream().mapToInt(r -> r.before().tokens()).average().orElse(0);
    }

    public double meanTokensAfter() {
        return answers.stream().mapToInt(r -> r.after().tokens()).average().orElse(0);
    }

    /** Both tables as Markdown. */
    public String toMarkdown() {
        StringBuilder page = new StringBuilder("# Before and after\n\n");
        page.append("| question | ").append(before).append(" | tokens | ");
        page.append(after).append(" | tokens |\n| --- | --- | --: | --- | --: |\n");
        for (Row row : answers) {
            page.append("| ").append(cell(row.question()));
            page.append(" | ").append(cell(row.before().text()));
            page.append(" | ").append(row.before().tokens());
            page.append(" | ").append(cell(row.after().text()));
            page.append(" | ").append(row.after().tokens()).append(" |\n");
        }
        page.append("| mean | | %.1f | | %.1f |\n".formatted(meanTokensBefore(), meanTokensAfter()));
        page.append("\n# The prompt's last characters\n\n");
        page.append("Tokens carry the space in front of their word, so that every training row went on after")
                .append(" `ASSISTANT:` with a token that begins with a space. A prompt that ends in a space ends in a")
                .append(" token that no row had there, and the model cannot write the space a second time.\n");
        sensitivity(page, before, beforeVariants);
        sensitivity(page, after, afterVariants);
        return page.toString();
    }

    private static void sensitivity(StringBuilder page, String name, List<Variant> variants) {
        page.append("\n## ").append(name).append("\n\n");
        page.append(
                "| end of the prompt | last ids | likeliest next tokens | JS divergence | KL divergence | answer |\n");
        page.append("| --- | --- | --- | --: | --: | --- |\n");
        for (Variant variant : variants) {
            page.append("| `").append(variant.ending().replace("\n", "\\n"));
            page.append("` | ").append(variant.lastIds());
            page.append(" | ").append(cell(String.join(" ", variant.likeliest())));
            page.append(" | %.4f | %.4f | ".formatted(variant.jensenShannon(), variant.kullbackLeibler()));
            page.append(cell(variant.answer())).append(" |\n");
        }
    }

    private static String cell(String text) {
        return text.replace("|", "\\|").replace("\n", "<br>");
    }
}
