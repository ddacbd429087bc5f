package dev.cria.demo;

import dev.cria.primer.PrimerOptions.Size;
import dev.cria.tensor.cpu.CpuFeatures;
import java.util.List;

/**
 * How long each stage is. Steps follow from what the processor has, never from a clock, so that the same seed gives the
 * same numbers on the same machine.
 *
 * @param corpus how much Primer writes
 * @param vocabulary ids of the tokenizer
 * @param shardTokens of a shard, the first of which is for validation
 * @param rows windows of a step, all in one micro-batch; few, since many small steps learn more from the same tokens
 * @param steps of pretraining
 * @param evaluations of validation loss and benchmarks along the way, the last one included
 * @param rowsPerTask of each benchmark, 0 for all
 * @param forks the ways in which the restart stage begins again
 * @param forkSteps steps of each
 * @param tuningSteps of instruction tuning
 * @param questions held-out ones that are put to the model before and after tuning, 0 for all
 */
record DemoSize(
        Size corpus,
        int vocabulary,
        long shardTokens,
        int sequenceLength,
        int rows,
        int steps,
        int evaluations,
        int rowsPerTask,
        List<Fork> forks,
        int forkSteps,
        int tuningSteps,
        int questions) {

    /** About 90 seconds on two cores. */
    static DemoSize quick() {
        List<Fork> inThisProcess = List.of(Fork.WITH_STATE, Fork.WITHOUT_STATE);
        return new DemoSize(Size.QUICK, 1024, 1 << 15, 128, 8, fast() ? 240 : 120, 4, 30, inThisProcess, 15, 20, 12);
    }

    /** Under ten minutes on two cores. */
    static DemoSize full() {
        int steps = fast() ? 3000 : 1400;
        List<Fork> all = List.of(Fork.values());
        return new DemoSize(Size.DEMO, 4096, 1 << 16, 256, 4, steps, 10, 0, all, steps / 20, fast() ? 120 : 60, 0);
    }

    private static boolean fast() {
        return CpuFeatures.here().hasAmx();
    }

    long tokensPerStep() {
        return (long) rows * sequenceLength;
    }

    /** The checkpoint from which the restart stage begins again: early, where steps are still large. */
    int forkAt() {
        return steps / 4;
    }

    /** About how long so many tokens take to train on. */
    double secondsFor(long tokens) {
        return tokens / (fast() ? 11_000.0 : 4_500.0);
    }
}
