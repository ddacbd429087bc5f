package dev.cria.tensor.cuda;

import dev.cria.WorkException;
import dev.cria.tensor.Device;
import dev.cria.tensor.Memory;

/** What libtorch says when a GPU fails, in words that a user can do something with. */
public final class CudaFailure {

    private CudaFailure() {}

    /** The exception to throw in place of libtorch's: the same one, unless the GPU is the reason. */
    public static RuntimeException explain(RuntimeException e, Device device) {
        String message = String.valueOf(e.getMessage());
        String first = message.lines().findFirst().orElse("no reason given");
        if (message.contains("out of memory")) {
            return new WorkException(
                    "%s has no room left; tensors take %.1f GB of it"
                            .formatted(device, Memory.of(device).liveBytes() / 1e9),
                    "a smaller batch.micro_batch, --set precision.recompute=blocks or optimizer.state=int8;"
                            + " ./cria plan adds up what a configuration needs",
                    e);
        }
        if (!device.isCpu() && (message.contains("CUDA error") || message.contains("CUBLAS_STATUS"))) {
            return new WorkException(
                    device + " fails: " + first,
                    "with CUDA_LAUNCH_BLOCKING=1 the failure shows where it happens; ./cria doctor checks the GPU",
                    e);
        }
        return e;
    }
}
