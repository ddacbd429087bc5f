package dev.cria.study;

import dev.cria.eval.Question;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How likely answers are at each checkpoint whatever is asked: the mean log-likelihood a byte over the questions that offer
 * the same answer wrongly, such as BoolQ's yes and no. That an answer comes into fashion is not that anything was learned about a
 * question (Zhao et al. 2021, “Calibrate before use”; Holtzman et al. 2021, “Surface form competition”). Where a question
 * has an answer that is wrong in fewer than {@value #FEWEST} others, it is taken as it is.
 */
final class AnswerPriors {
    private static final int FEWEST = 5;

    /** What the questions in which an answer is wrong sum up to at each checkpoint. */
    private record Sum(double[] sums, int[] count) {}

    private final List<Question> texts;
    private final Map<String, Sum> sums = new HashMap<>();

    /**
     * @param texts of the questions; none where they were not kept, and then nothing is known
     * @param perByte of each question [choices, checkpoints]
     */
    AnswerPriors(List<Question> texts, List<double[][]> perByte) {
        this.texts = texts;
        for (int i = 0; i < Math.min(texts.size(), perByte.size()); i++) {
            for (int choice = 0; choice < perByte.get(i).length; choice++) {
                if (choice != texts.get(i).gold()) {
                    add(answer(i, choice), perByte.get(i)[choice]);
                }
            }
        }
    }

    private void add(String answer, double[] values) {
        Sum sum = sums.computeIfAbsent(answer, _ -> new Sum(new double[values.length], new int[1]));
        sum.count()[0]++;
        for (int t = 0; t < values.length; t++) {
            sum.sums()[t] += values[t];
        }
    }

    private String answer(int question, int choice) {
        return texts.get(question).choices().get(choice).continuation();
    }

    /** A question's log-likelihoods a byte less those that its answers have in the other questions. */
    double[][] without(int question, double[][] perByte) {
        if (question >= texts.size()) {
            return perByte;
        }
        double[][] left = new double[perByte.length][];
        for (int choice = 0; choice < perByte.length; choice++) {
            int itself = choice == texts.get(question).gold() ? 0 : 1;
            Optional<Sum> all = Optional.ofNullable(sums.get(answer(question, choice)))
                    .filter(sum -> sum.count()[0] - itself >= FEWEST);
            if (all.isEmpty()) {
                return perByte;
            }
            left[choice] = without(perByte[choice], all.get(), itself);
        }
        return left;
    }

    /** @param itself 1 where the sum has these values in it, else 0 */
    private static double[] without(double[] own, Sum all, int itself) {
        int others = all.count()[0] - itself;
        double[] left = new double[own.length];
        for (int t = 0; t < own.length; t++) {
            left[t] = own[t] - (all.sums()[t] - itself * own[t]) / others;
        }
        return left;
    }
}
