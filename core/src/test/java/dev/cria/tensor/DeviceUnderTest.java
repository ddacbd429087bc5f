package dev.cria.tensor;

import dev.cria.tensor.cuda.CudaKernels;
import dev.cria.tensor.cuda.EmulatedGpu;
import dev.cria.tensor.library.Libraries;
import org.junit.jupiter.api.Assumptions;

/** What a test computes with; where that is not to be had, the test is skipped and says so. */
public enum DeviceUnderTest {
    CPU,
    /** The kernels for CUDA, whose sources are run on the processor. */
    EMULATED,
    CUDA;

    public Device device() {
        return switch (this) {
            case CPU, EMULATED -> Device.CPU;
            case CUDA -> {
                Assumptions.assumeTrue(Libraries.cudaDevices() > 0, "libtorch sees no GPU here");
                yield Device.cuda(0);
            }
        };
    }

    /** The fast kernels. */
    public Kernels kernels() {
        return switch (this) {
            case CPU, CUDA -> Kernels.of(device(), Kernels.Choice.AUTO);
            case EMULATED ->
                new CudaKernels(
                        EmulatedGpu.here(), Kernels.of(Device.CPU, Kernels.Choice.REFERENCE), Kernels.Choice.AUTO);
        };
    }
}
