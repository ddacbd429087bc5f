package dev.cria.study;

import dev.cria.eval.DocumentScore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * One question over the checkpoints of a series. A margin is a choice's log-likelihood a byte over that of the best other
 * one, in bits; above 0 it is preferred.
 *
 * @param document its number in the benchmark's file
 * @param plain the right choice's margin at each checkpoint
 * @param own the same without what raises its answer in every question that offers it, see {@link AnswerPriors}: what is
 *     learned about this question
 * @param placebos as {@code own}, of each wrong choice, as if it were right
 * @param overMean as {@code own}, over the mean of the other choices in place of the best: it says nothing of what is preferred,
 *     and has less noise
 * @param bits what the right choice costs, in bits a byte
 */
record Margins(int document, double[] plain, double[] own, List<double[]> placebos, double[] overMean, double[] bits) {

    /**
     * @param scores of the question at each checkpoint, in their order
     * @param question its place in the benchmark
     */
    static Margins of(List<DocumentScore> scores, int question, AnswerPriors priors) {
        int gold = scores.getFirst().gold();
        double[][] perByte = perByte(scores);
        double[][] own = priors.without(question, perByte);
        List<double[]> placebos = new ArrayList<>();
        for (int choice = 0; choice < own.length; choice++) {
            if (choice != gold) {
                placebos.add(over(own, choice));
            }
        }
        return new Margins(
                scores.getFirst().document(),
                over(perByte, gold),
                over(own, gold),
                placebos,
                over(own, gold, others -> others.average().orElse(Double.NaN)),
                scores.stream().mapToDouble(DocumentScore::bitsPerByte).toArray());
    }

    /** [choices, checkpoints], in bits. */
    static double[][] perByte(List<DocumentScore> scores) {
        int choices = scores.getFirst().bytes().size();
        double[][] perByte = new double[choices][scores.size()];
        for (int t = 0; t < scores.size(); t++) {
            DocumentScore score = scores.get(t);
            for (int choice = 0; choice < choices; choice++) {
                int bytes = Math.max(1, score.bytes().get(choice));
                perByte[choice][t] = score.logLikelihoods().get(choice) / Math.log(2) / bytes;
            }
        }
        return perByte;
    }

    private static double[] over(double[][] perByte, int choice) {
        return over(perByte, choice, others -> others.max().orElse(Double.NaN));
    }

    private static double[] over(double[][] perByte, int choice, ToDoubleFunction<DoubleStream> ofOthers) {
        return IntStream.range(0, perByte[choice].length)
                .mapToDouble(t -> perByte[choice][t]
                        - ofOthers.applyAsDouble(IntStream.range(0, perByte.length)
                                .filter(other -> other != choice)
                                .mapToDouble(other -> perByte[other][t])))
                .toArray();
    }
}
