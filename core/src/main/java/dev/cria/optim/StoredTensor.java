package dev.cria.optim;

import dev.cria.WorkException;
import dev.cria.format.SafetensorsDirectory;
import dev.cria.format.StorageType;
import dev.cria.format.TensorEntry;
import dev.cria.format.TensorSource;
import dev.cria.nn.Parameter;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A tensor of the optimizer's state under the name that it has in a checkpoint.
 *
 * @param tensor none where another rank has it
 */
record StoredTensor(String name, DType dtype, long[] shape, Optional<Tensor> tensor) implements AutoCloseable {

    /** Zeros of a shape, on the rank that moves a parameter. */
    static StoredTensor zeros(Parameter parameter, String suffix, DType dtype, long... shape) {
        Optional<Tensor> made = parameter.master().map(master -> Tensor.zeros(dtype, master.device(), shape));
        return new StoredTensor(parameter.spec().name() + suffix, dtype, shape, made);
    }

    /** Zeros for each number of a parameter in the type of its masters, on the rank that moves it. */
    static StoredTensor zeros(Parameter parameter, String suffix) {
        return zeros(
                parameter,
                suffix,
                parameter.value().dtype().accumulation(),
                parameter.spec().shape());
    }

    private StorageType type() {
        return switch (dtype) {
            case FLOAT32 -> StorageType.F32;
            case FLOAT64 -> StorageType.F64;
            case INT8 -> StorageType.I8;
            case BFLOAT16, FLOAT16, INT64, INT32 ->
                throw new IllegalStateException(name + " is " + dtype + ", which no optimizer keeps");
        };
    }

    /** Writes this tensor's elements as they will be when their turn comes, from what {@code snapshot} has of it. */
    TensorSource source(UnaryOperator<Tensor> snapshot) {
        if (tensor.isEmpty()) {
            return TensorSource.elsewhere(name, type(), shape);
        }
        Tensor held = snapshot.apply(tensor.get());
        return TensorSource.streamed(name, type(), shape, sink -> {
            if (held.device().isCpu()) {
                sink.write(held.segment());
                return;
            }
            try (Tensor host = held.to(Device.CPU)) {
                sink.write(host.segment());
            }
        });
    }

    void read(SafetensorsDirectory files) {
        tensor.ifPresent(into -> read(files, into));
    }

    private void read(SafetensorsDirectory files, Tensor into) {
        TensorEntry entry = files.find(name)
                .orElseThrow(() -> new WorkException(
                        "the checkpoint's optimizer state has no " + name,
                        "resume with the optimizer.kind and optimizer.state that the run was begun with, or"
                                + " --without-optimizer-state"));
        if (entry.type() != type() || !Arrays.equals(entry.shape(), shape)) {
            throw new WorkException(
                    "the checkpoint's " + name + " is " + entry + ", not " + into,
                    "resume with the configuration that the run was begun with");
        }
        into.copyFrom(files.data(name));
    }

    /** Where this rank has it. */
    Tensor here() {
        return tensor.orElseThrow();
    }

    long bytes() {
        return tensor.map(Tensor::bytes).orElse(0L);
    }

    @Override
    public void close() {
        tensor.ifPresent(Tensor::close);
    }
}
