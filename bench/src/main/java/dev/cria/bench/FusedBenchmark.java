package dev.cria.bench;

import dev.cria.tensor.AdamStep;
import dev.cria.tensor.DType;
import dev.cria.tensor.Into;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Kernels.Rotation;
import dev.cria.tensor.Tensor;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The fused operations on 1024 rows of 768, as llama-124m has them; AdamW and the sum of squares on as many numbers.
 *
 * <pre>{@code
 * mvn -q -B -pl bench -am package -Dquick -Dmaven.test.skip=true dependency:build-classpath -Dmdep.outputFile=target/cp
 * java -cp "bench/target/classes:$(cat bench/target/cp)" org.openjdk.jmh.Main FusedBenchmark
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
public class FusedBenchmark {
    private static final long ROWS = 1024;
    private static final long WIDTH = 768;

    private Kernels kernels;
    private Tensor x;
    private Tensor y;
    private Tensor dx;
    private Tensor w;
    private Tensor dw;
    private Tensor r;
    private Tensor gateUp;
    private Tensor gate;
    private Tensor up;
    private Tensor table;
    private Tensor positions;
    private Tensor master;
    private Tensor m;
    private Tensor v;

    @Setup
    public void prepare(KernelState state) {
        kernels = state.kernels();
        x = state.tensor(ROWS, WIDTH);
        y = state.tensor(ROWS, WIDTH);
        dx = state.tensor(ROWS, 2 * WIDTH);
        w = state.tensor(DType.FLOAT32, WIDTH);
        dw = state.zeros(DType.FLOAT32, WIDTH);
        r = state.zeros(DType.FLOAT32, ROWS);
        gateUp = state.tensor(ROWS, 2 * WIDTH);
        gate = state.own(gateUp.narrow(1, 0, WIDTH));
        up = state.own(gateUp.narrow(1, WIDTH, WIDTH));
        table = state.tensor(DType.FLOAT32, ROWS, 2, 32);
        positions = state.zeros(DType.INT64, ROWS);
        master = state.tensor(DType.FLOAT32, ROWS, WIDTH);
        m = state.zeros(DType.FLOAT32, ROWS, WIDTH);
        v = state.zeros(DType.FLOAT32, ROWS, WIDTH);
    }

    @Benchmark
    public void rmsNorm() {
        kernels.rmsNorm(x, w, 1e-5, y, r);
    }

    @Benchmark
    public void rmsNormGradient() {
        kernels.rmsNormGradient(x, x, w, r, y, Into.OVERWRITE, Optional.of(dw));
    }

    @Benchmark
    public void rope() {
        kernels.rope(x, table, positions, Rotation.FORWARD);
    }

    @Benchmark
    public void swiGlu() {
        kernels.swiGlu(gate, up, y);
    }

    @Benchmark
    public void swiGluGradient() {
        try (Tensor dgate = dx.narrow(1, 0, WIDTH);
                Tensor dup = dx.narrow(1, WIDTH, WIDTH)) {
            kernels.swiGluGradient(x, gate, up, dgate, dup);
        }
    }

    @Benchmark
    public void gelu() {
        kernels.gelu(x, y);
    }

    @Benchmark
    public void add() {
        kernels.add(x, y);
    }

    @Benchmark
    public void adamW() {
        kernels.adamW(master, x, m, v, new AdamStep(1e-4, 0.9, 0.95, 1e-8, 0.1, 1, 10), Optional.of(y));
    }

    @Benchmark
    public double sumOfSquares() {
        return kernels.sumOfSquares(x);
    }
}
