package dev.cria.tensor.cpu;

import dev.cria.bench.KernelBenchmark;
import dev.cria.bench.KernelState;
import dev.cria.tensor.Matrix;
import dev.cria.tensor.Tensor;
import org.jspecify.annotations.NullUnmarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * Turning the weights of a forward into the panels of 64 columns that block products read, and what libtorch needs to
 * turn them whole. In the package of what it measures, which nobody else may see.
 */
@NullUnmarked // JMH fills the fields.
public class PackingBenchmark extends KernelBenchmark {
    private static final long PANEL = 64;

    /** Outputs and inputs. */
    @Param({"1408x256", "6144x768", "50304x768"})
    public String shape = "6144x768";

    private Tensor w;
    private Tensor turned;

    @Setup
    public void prepare(KernelState state) {
        int[] sizes = KernelState.sizes(shape);
        w = state.tensor(sizes[0], sizes[1]);
        turned = state.zeros(w.dtype(), sizes[1], sizes[0]);
    }

    @Benchmark
    public void panels() {
        Matrix source = Matrix.of(w);
        long target = turned.address();
        long bytes = source.width() * source.dtype().bytes();
        Workers.shared().run((int) (source.rows() / PANEL), (panel, scratch) -> {
            long row = panel * PANEL;
            long at = target + row * bytes;
            Packing.transpose(source.at(row, 0), source.strideBytes(), PANEL, bytes / 4, at, 4 * PANEL, scratch);
        });
    }

    @Benchmark
    public void libtorch() {
        try (Tensor transposed = w.transposed()) {
            turned.copyFrom(transposed);
        }
    }
}
