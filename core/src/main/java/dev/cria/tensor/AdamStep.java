package dev.cria.tensor;

/**
 * The numbers of one AdamW step that are the same for every element of a tensor.
 *
 * @param weightDecay decoupled: {@code w −= learningRate · weightDecay · w} comes first
 * @param gradientScale multiplies the gradient: the clipping factor
 * @param step t of the bias corrections, from 1
 * @see "Loshchilov and Hutter 2019, Decoupled Weight Decay Regularization"
 */
public record AdamStep(
        double learningRate,
        double beta1,
        double beta2,
        double eps,
        double weightDecay,
        double gradientScale,
        long step) {

    public double biasCorrection1() {
        return 1 - Math.pow(beta1, step);
    }

    public double biasCorrection2() {
        return 1 - Math.pow(beta2, step);
    }
}
