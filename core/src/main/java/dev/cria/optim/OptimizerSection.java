package dev.cria.optim;

import dev.cria.Problems;
import java.util.List;
import java.util.Optional;

/**
 * How gradients move the weights, as configurations have it.
 *
 * @param kind the optimizer; {@code muon} moves the matrices of the layers, and AdamW all else
 * @param betas decay of the first and the second moment; two numbers from 0 to below 1
 * @param eps added to the root of the second moment; above 0
 * @param weightDecay decoupled weight decay, of tensors of two or more dimensions only; 0 or more
 * @param gradClip largest norm of the gradient; 0 (no clipping) or more
 * @param state type of AdamW's moments: {@code int8} has a scale for each block of 256
 * @param momentum decay of Muon's running mean of the gradient; from 0 to below 1
 * @param adamwLearningRate highest learning rate of what Muon leaves to AdamW; above 0, or null for the schedule's
 */
public record OptimizerSection(
        Kind kind,
        List<Double> betas,
        double eps,
        double weightDecay,
        double gradClip,
        State state,
        double momentum,
        Optional<Double> adamwLearningRate) {

    /** Jordan et al. 2024. */
    public static final double USUAL_MOMENTUM = 0.95;

    /** The optimizers that there are. */
    public enum Kind {
        ADAMW,
        MUON
    }

    /** How the optimizer's moments are kept. */
    public enum State {
        FP32,
        /** 8 bits an element with a scale for each block of 256. */
        INT8
    }

    public OptimizerSection {
        boolean two = betas.size() == 2 && betas.stream().allMatch(b -> b >= 0 && b < 1);
        new Problems()
                .unless(
                        two,
                        "betas is " + betas + ", not two numbers from 0 to below 1",
                        "--set 'optimizer.betas=[0.9, 0.95]'")
                .unless(eps > 0, "eps is " + eps + ", not above 0", "--set optimizer.eps=1e-8")
                .unless(
                        weightDecay >= 0,
                        "weight_decay is " + weightDecay + ", not 0 or more",
                        "--set optimizer.weight_decay=0.1")
                .unless(gradClip >= 0, "grad_clip is " + gradClip + ", not 0 or more", "--set optimizer.grad_clip=1")
                .unless(
                        momentum >= 0 && momentum < 1,
                        "momentum is " + momentum + ", not from 0 to below 1",
                        "--set optimizer.momentum=" + USUAL_MOMENTUM)
                .unless(
                        adamwLearningRate.isEmpty() || adamwLearningRate.get() > 0,
                        "adamw_learning_rate is " + adamwLearningRate.orElse(0.0) + ", not above 0",
                        "--set optimizer.adamw_learning_rate=null, for the schedule's")
                .unless(
                        adamwLearningRate.isEmpty() || kind == Kind.MUON,
                        "adamw_learning_rate is for what muon leaves to adamw, and kind is adamw",
                        "--set optimizer.kind=muon, or schedule.learning_rate")
                .refuse();
    }

    /** What AdamW's rate is beside Muon's. */
    double adamwShare(double highestRate) {
        return highestRate == 0 ? 1 : adamwLearningRate.orElse(highestRate) / highestRate;
    }
}
