package dev.cria.bench;

import dev.cria.tensor.AttentionShape;
import dev.cria.tensor.DType;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import java.util.Optional;
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
 * Causal attention and its gradient, at the heads of nano and llama-124m.
 *
 * <pre>{@code
 * mvn -q -B -pl bench -am package -Dquick -Dmaven.test.skip=true dependency:build-classpath -Dmdep.outputFile=target/cp
 * java -cp "bench/target/classes:$(cat bench/target/cp)" org.openjdk.jmh.Main AttentionBenchmark
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
public class AttentionBenchmark {
    /** Batch, positions, heads, key-value heads and width of a head. */
    @Param({"16x256x8x4x32", "4x256x12x12x64", "2x1024x12x12x64"})
    public String shape = "4x256x12x12x64";

    private Kernels kernels;
    private AttentionShape sizes;
    private Tensor q;
    private Tensor k;
    private Tensor v;
    private Tensor out;
    private Tensor lse;
    private Tensor dq;
    private Tensor dk;
    private Tensor dv;

    @Setup
    public void prepare(KernelState state) {
        String[] s = shape.split("x");
        int batch = Integer.parseInt(s[0]);
        int seq = Integer.parseInt(s[1]);
        int heads = Integer.parseInt(s[2]);
        int kvHeads = Integer.parseInt(s[3]);
        int headDim = Integer.parseInt(s[4]);
        sizes = new AttentionShape(batch, seq, seq, heads, kvHeads, headDim);
        long rows = (long) batch * seq;
        kernels = state.kernels();
        q = state.tensor(rows, (long) heads * headDim);
        k = state.tensor(rows, (long) kvHeads * headDim);
        v = state.tensor(rows, (long) kvHeads * headDim);
        out = state.tensor(rows, (long) heads * headDim);
        lse = state.zeros(DType.FLOAT32, batch, heads, seq);
        dq = state.tensor(rows, (long) heads * headDim);
        dk = state.tensor(rows, (long) kvHeads * headDim);
        dv = state.tensor(rows, (long) kvHeads * headDim);
        forward();
    }

    @Benchmark
    public void forward() {
        kernels.attention(sizes, q, k, v, Optional.empty(), out, lse);
    }

    @Benchmark
    public void gradient() {
        kernels.attentionGradient(sizes, q, q, k, v, Optional.empty(), out, lse, dq, dk, dv);
    }
}
