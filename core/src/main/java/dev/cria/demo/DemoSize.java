package dev.cria.demo;

import dev.cria.RequestException;
import dev.cria.primer.PrimerOptions.Size;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * How long each stage is. All is the same on every machine but the steps of pretraining, of which as many are taken as
 * the time allows: the warm-up and the stable part of the schedule do not depend on them, so what two machines compute
 * differs in nothing else.
 *
 * @param seconds for everything, by the clock
 * @param corpus how much Primer writes
 * @param vocabulary ids of the tokenizer
 * @param shardTokens of a shard, the first of which is for validation
 * @param model the model, as a configuration has it
 * @param rows windows of a step, all in one micro-batch; few, since many small steps learn more from the same tokens
 * @param learningRate the highest
 * @param leastSteps of pretraining, where the machine is too slow for more
 * @param mostSteps of pretraining, more of which would bring little
 * @param roundSteps a number that divides the steps
 * @param evaluations of validation loss along the way, the last one included; half as many of benchmarks
 * @param evaluationTokens that could be trained on during one of them
 * @param rowsPerTask of each benchmark, 0 for all
 * @param forks the ways in which the restart stage begins again
 * @param forkAt the checkpoint from which it does: early, where steps are still large
 * @param forkSteps steps of each
 * @param tuningSteps of instruction tuning
 * @param questions held-out ones that are put to the model before and after tuning, 0 for all
 */
record DemoSize(
        double seconds,
        Size corpus,
        int vocabulary,
        long shardTokens,
        Map<String, Object> model,
        int sequenceLength,
        int rows,
        double learningRate,
        int leastSteps,
        int mostSteps,
        int roundSteps,
        int evaluations,
        long evaluationTokens,
        int rowsPerTask,
        List<Fork> forks,
        int forkAt,
        int forkSteps,
        int tuningSteps,
        int questions) {

    /** 90 seconds on two cores, with a model that is a fifth of nano. */
    static DemoSize quick() {
        return new DemoSize(
                90,
                Size.QUICK,
                1024,
                1 << 15,
                Map.of(
                        "preset", "nano",
                        "hidden_size", 128,
                        "intermediate_size", 352,
                        "num_hidden_layers", 4,
                        "num_attention_heads", 4,
                        "num_key_value_heads", 2),
                128,
                4,
                4e-3,
                600,
                2400,
                100,
                4,
                20_000,
                30,
                List.of(Fork.WITH_STATE, Fork.WITHOUT_STATE),
                200,
                40,
                20,
                12);
    }

    /** Ten minutes on two cores, or less. */
    static DemoSize full() {
        return new DemoSize(
                600,
                Size.DEMO,
                4096,
                1 << 16,
                Map.of("preset", "nano"),
                256,
                4,
                1.2e-3,
                800,
                3000,
                100,
                8,
                35_000,
                0,
                List.of(Fork.values()),
                300,
                100,
                80,
                0);
    }

    boolean isQuick() {
        return corpus == Size.QUICK;
    }

    /** Refuses a number of steps that is too small for the stages that follow. */
    void checkSteps(OptionalInt steps) {
        if (steps.isPresent() && steps.getAsInt() < leastSteps) {
            throw new RequestException(
                    "--steps is %d, and the stages that follow need %d".formatted(steps.getAsInt(), leastSteps),
                    "--steps " + leastSteps + ", or leave --steps out: as many are taken as there is time for");
        }
    }

    long tokensPerStep() {
        return (long) rows * sequenceLength;
    }

    /** The same for every number of steps. */
    int warmupSteps() {
        return Math.min(50, forkAt / 4);
    }

    /**
     * Of the steps of pretraining, those in which the learning rate falls.
     *
     * @param taken steps that are in the past, in which it did not
     */
    int decaySteps(int steps, int taken) {
        return Math.min(steps * 2 / 5, steps - taken);
    }

    /** The fewest steps where so many are taken: a quarter of all is left for the rate to fall. */
    int leastSteps(int taken) {
        return Math.max(leastSteps, (taken * 4 / 3 + roundSteps - 1) / roundSteps * roundSteps);
    }

    /** Steps between two checkpoints. */
    int quarter(int steps) {
        return steps / 4;
    }

    /** The step after so many at which the speed is looked at again: a checkpoint, or the end once the rate falls. */
    int nextLook(int steps, int taken) {
        int checkpoint = (taken / quarter(steps) + 1) * quarter(steps);
        return checkpoint <= steps - decaySteps(steps, taken) ? checkpoint : steps;
    }
}
