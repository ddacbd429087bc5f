package dev.cria.bench;

import dev.cria.tensor.DType;
import dev.cria.tensor.Into;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The three matrix products of a linear layer, at the shapes of nano and llama-124m; one row is decoding.
 *
 * <pre>{@code
 * mvn -q -B -pl bench -am package -Dquick -Dmaven.test.skip=true dependency:build-classpath -Dmdep.outputFile=target/cp
 * java -cp "bench/target/classes:$(cat bench/target/cp)" org.openjdk.jmh.Main GemmBenchmark
 * }</pre>
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "--add-modules=jdk.incubator.vector", "-Xmx2g"})
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
public class GemmBenchmark {
    /** Rows, inputs and outputs. */
    @Param({"4096x256x1408", "1024x768x2304", "1024x768x6144", "1024x3072x768", "1x768x50304"})
    public String shape = "1024x768x2304";

    private Kernels kernels;
    private Tensor x;
    private Tensor w;
    private Tensor y;
    private Tensor dx;
    private Tensor dw;

    @Setup
    public void prepare(KernelState state) {
        String[] sizes = shape.split("x");
        long rows = Long.parseLong(sizes[0]);
        long in = Long.parseLong(sizes[1]);
        long out = Long.parseLong(sizes[2]);
        kernels = state.kernels();
        x = state.tensor(rows, in);
        w = state.tensor(out, in);
        y = state.tensor(rows, out);
        dx = state.tensor(rows, in);
        dw = state.zeros(DType.FLOAT32, out, in);
    }

    @Benchmark
    public void forward() {
        kernels.linear(x, w, y, Into.OVERWRITE);
    }

    @Benchmark
    public void inputGradient() {
        kernels.linearInputGradient(y, w, dx, Into.OVERWRITE);
    }

    @Benchmark
    public void weightGradient() {
        kernels.linearWeightGradient(y, x, dw);
    }
}
