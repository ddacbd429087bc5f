package dev.cria.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

class KernelBenchmarkTest {

    /** One call of each, in this process, by fast and plain kernels. */
    @Test
    @Tag("slow")
    void everyKernelsBenchmarkRuns() throws Exception {
        Options once = new OptionsBuilder()
                .include(
                        "(Gemm|Decode|Attention|Norm|Rope|Activation|Elementwise|Embedding|Head|Adam|Packing)Benchmark")
                .param("shape", "64x64x64x64x64")
                .param("elements", "1000")
                .param("moment", "1e-3")
                .mode(Mode.SingleShotTime)
                .forks(0)
                .warmupIterations(0)
                .measurementIterations(1)
                .measurementTime(TimeValue.milliseconds(1))
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .build();

        Collection<RunResult> results = new Runner(once).run();

        Set<String> measured = new TreeSet<>();
        results.forEach(result -> measured.add(result.getPrimaryResult().getLabel()));
        assertThat(measured)
                .containsExactly(
                        "adamW",
                        "adamW8",
                        "add",
                        "addBias",
                        "biasGradient",
                        "decode",
                        "embedding",
                        "embeddingGradient",
                        "forward",
                        "gelu",
                        "geluGradient",
                        "gradient",
                        "inputGradient",
                        "layerNorm",
                        "layerNormGradient",
                        "libtorch",
                        "loss",
                        "lossAndGradients",
                        "panels",
                        "rmsNorm",
                        "rmsNormGradient",
                        "rope",
                        "sumOfSquares",
                        "swiGlu",
                        "swiGluGradient",
                        "weightGradient");
        assertThat(results).hasSizeGreaterThanOrEqualTo(4 * measured.size());
    }
}
