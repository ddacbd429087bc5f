package dev.cria.demo;

import dev.cria.primer.PrimerOptions.Size;
import dev.cria.tensor.CpuFeatures;

/**
 * How long each stage is. Steps follow from what the processor has, never from a clock, so that the same seed gives the
 * same numbers on the same machine.
 *
 * @param corpus how much Primer writes
 * @param vocabulary ids of the tokenizer
 * @param rows windows of a step, all in one micro-batch
 * @param steps of pretraining
 * @param rowsPerTask of each benchmark along the way, 0 for all
 */
record DemoSize(Size corpus, int vocabulary, int sequenceLength, int rows, int steps, int rowsPerTask) {

    /** About 90 seconds on two cores. */
    static DemoSize quick() {
        return new DemoSize(Size.QUICK, 1024, 128, 16, fast() ? 160 : 80, 40);
    }

    /** Under ten minutes on two cores. */
    static DemoSize full() {
        return new DemoSize(Size.DEMO, 4096, 256, 16, fast() ? 1000 : 400, 0);
    }

    private static boolean fast() {
        return CpuFeatures.here().hasAmx();
    }

    long tokensPerStep() {
        return (long) rows * sequenceLength;
    }
}
