package dev.cria.optim;

import dev.cria.format.SafetensorsDirectory;
import dev.cria.format.TensorSource;
import dev.cria.nn.Parameter;
import dev.cria.tensor.AdamStep;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/** Adam's running means of each gradient and of its square, all zero at first. */
sealed interface Moments extends AutoCloseable permits Fp32Moments, Int8Moments {

    /** One step of the parameter at a place of the list. */
    void update(Kernels kernels, int index, Parameter parameter, AdamStep step);

    /** The tensors to be written, named {@code NAME.exp_avg} and {@code NAME.exp_avg_sq} as PyTorch names them. */
    List<TensorSource> sources(UnaryOperator<Tensor> snapshot);

    /** Takes over what {@link #sources} wrote. */
    void read(SafetensorsDirectory files);

    /** What they take of the device's memory. */
    long bytes();

    @Override
    void close();
}
