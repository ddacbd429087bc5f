package dev.cria.tune;

import dev.cria.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How a model takes it when a prompt ends in a space, a line break or two spaces, where the template ends in none. The
 * distance of the next token's distribution to that after the plain prompt is given in nats: Jensen and Shannon's
 * divergence, at most ln 2, and Kullback and Leibler's of the plain one from the other.
 */
public final class PromptSensitivity {
    private static final List<String> ENDINGS = List.of("", " ", "\n", "  ");
    private static final int SHOWN_IDS = 4;
    private static final int SHOWN_TOKENS = 3;

    private PromptSensitivity() {}

    /**
     * A prompt's end and what follows it.
     *
     * @param ending the last word of the prompt with what was added
     * @param lastIds the last few ids of the prompt
     * @param likeliest the next tokens with their probabilities
     */
    public record Variant(
            String ending,
            List<Integer> lastIds,
            List<String> likeliest,
            double jensenShannon,
            double kullbackLeibler,
            String answer) {}

    static List<Variant> of(Asked model, String question) {
        String plain = model.template().promptText(List.of(Message.user(question)));
        double[] reference = model.nextToken(model.template().prompt(List.of(Message.user(question))));
        List<Variant> variants = new ArrayList<>();
        for (String ending : ENDINGS) {
            variants.add(variant(model, plain, ending, reference));
        }
        return variants;
    }

    private static Variant variant(Asked model, String plain, String ending, double[] reference) {
        Tokenizer tokenizer = model.tokenizer();
        int[] prompt = tokenizer.encodeWithSpecial(plain + ending);
        double[] next = model.nextToken(prompt);
        int[] last = Arrays.copyOfRange(prompt, Math.max(0, prompt.length - SHOWN_IDS), prompt.length);
        return new Variant(
                lastWord(plain) + ending,
                Arrays.stream(last).boxed().toList(),
                likeliest(next, tokenizer),
                jensenShannon(reference, next),
                kullbackLeibler(reference, next),
                model.text(model.complete(prompt)));
    }

    private static String lastWord(String text) {
        String stripped = text.stripTrailing();
        int space = Math.max(stripped.lastIndexOf(' '), stripped.lastIndexOf('\n'));
        return text.substring(space + 1);
    }

    private static List<String> likeliest(double[] probabilities, Tokenizer tokenizer) {
        return IntStream.range(0, probabilities.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer id) -> -probabilities[id]))
                .limit(SHOWN_TOKENS)
                .map(id ->
                        "`%s` %.2f".formatted(tokenizer.decode(new int[] {id}).replace("\n", "\\n"), probabilities[id]))
                .toList();
    }

    static double jensenShannon(double[] p, double[] q) {
        double[] middle =
                IntStream.range(0, p.length).mapToDouble(i -> (p[i] + q[i]) / 2).toArray();
        return (kullbackLeibler(p, middle) + kullbackLeibler(q, middle)) / 2;
    }

    static double kullbackLeibler(double[] p, double[] q) {
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            if (p[i] > 0) {
                sum += p[i] * Math.log(p[i] / Math.max(q[i], Double.MIN_NORMAL));
            }
        }
        return sum;
    }
}
