package dev.cria.train;

import java.util.List;
import java.util.Optional;

/**
 * A training that is loaded and could take its first step; nothing of it is on the disk yet.
 *
 * @param command that resumes it: {@code pretrain} or {@code tune}
 * @param evaluators of this rank, in the order in which they run at a step
 * @param average of the weights that this rank has to average; closed with the training
 * @param description what is trained and on what, a line each
 * @param afterwards a command to try when it is finished
 */
public record Training(
        String command,
        Objective objective,
        SessionPlan plan,
        List<Evaluator> evaluators,
        Optional<WeightAverage> average,
        List<String> description,
        String afterwards)
        implements AutoCloseable {

    /** A text as one word of a shell's command. */
    public static String shellWord(String text) {
        return Invocation.quoted(text);
    }

    Training until(long step) {
        return new Training(command, objective, plan.until(step), evaluators, average, description, afterwards);
    }

    @Override
    public void close() {
        average.ifPresent(WeightAverage::close);
        objective.close();
    }
}
