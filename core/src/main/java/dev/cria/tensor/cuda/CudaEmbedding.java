package dev.cria.tensor.cuda;

import dev.cria.tensor.Matrix;
import dev.cria.tensor.Tensor;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.global.torch;

/** Rows of a table on CUDA, and the sum of their gradients in the order of the rows. */
final class CudaEmbedding {
    private static final String FILE = "embedding";

    private final CudaLauncher launcher;

    CudaEmbedding(CudaLauncher launcher) {
        this.launcher = launcher;
    }

    void forward(Matrix table, Matrix ids, Matrix out) {
        int vector = Vectors.of(table.dtype(), table.width(), table, out);
        launcher.launch(
                CudaKernel.of(FILE, "embedding", table.dtype(), vector),
                out.rows(),
                CudaLauncher.threads(out.width(), vector, CudaLauncher.THREADS),
                0,
                table.address(),
                table.stride(),
                ids.address(),
                out.width(),
                out.address(),
                out.stride());
    }

    /** The ids are sorted first, so that one block meets all rows of an id, one after the other. */
    void backward(Matrix dout, Tensor ids, Matrix dtable) {
        try (var _ = new PointerScope()) {
            var sorted = torch.sort(ids.raw(), new BoolOptional(true), 0, false);
            int vector = Vectors.of(dout.dtype(), dout.width(), dout);
            launcher.launch(
                    CudaKernel.of(FILE, "embedding_gradient", dout.dtype(), dtable.dtype(), vector),
                    dout.rows(),
                    CudaLauncher.threads(dout.width(), vector, CudaLauncher.THREADS),
                    0,
                    dout.address(),
                    dout.stride(),
                    sorted.get0().data_ptr().address(),
                    sorted.get1().data_ptr().address(),
                    dout.rows(),
                    dout.width(),
                    dtable.address(),
                    dtable.stride());
        }
    }
}
