package dev.cria.optim;

import dev.cria.WorkException;
import dev.cria.format.SafetensorsDirectory;
import dev.cria.format.StorageType;
import dev.cria.format.TensorEntry;
import dev.cria.format.TensorSource;
import dev.cria.tensor.Device;
import dev.cria.tensor.Tensor;
import java.util.Arrays;

/** A tensor of the optimizer's state under the name that it has in a checkpoint. */
record StoredTensor(String name, Tensor tensor) {

    private StorageType type() {
        return switch (tensor.dtype()) {
            case FLOAT32 -> StorageType.F32;
            case FLOAT64 -> StorageType.F64;
            case INT8 -> StorageType.I8;
            case BFLOAT16, FLOAT16, INT64, INT32 ->
                throw new IllegalStateException(name + " is " + tensor + ", which no optimizer keeps");
        };
    }

    /** Writes this tensor's elements as they will be when their turn comes, from {@code held}. */
    TensorSource source(Tensor held) {
        return TensorSource.streamed(name, type(), tensor.shape(), sink -> {
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
        TensorEntry entry = files.find(name)
                .orElseThrow(() -> new WorkException(
                        "the checkpoint's optimizer state has no " + name,
                        "resume with the optimizer.kind and optimizer.state that the run was begun with, or"
                                + " --without-optimizer-state"));
        if (entry.type() != type() || !Arrays.equals(entry.shape(), tensor.shape())) {
            throw new WorkException(
                    "the checkpoint's " + name + " is " + entry + ", not " + tensor,
                    "resume with the configuration that the run was begun with");
        }
        tensor.copyFrom(files.data(name));
    }
}
