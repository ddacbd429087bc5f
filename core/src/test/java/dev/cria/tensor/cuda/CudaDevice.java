package dev.cria.tensor.cuda;

import dev.cria.tensor.Device;
import dev.cria.tensor.KernelCheck;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.library.Libraries;
import org.junit.jupiter.api.Assumptions;

/** Where the kernels for CUDA are tested; where that is not to be had, the test is skipped and says so. */
enum CudaDevice {
    /** Their sources on the processor. */
    EMULATED,
    /** The first GPU. */
    GPU;

    KernelCheck numbers() {
        return numbers(Kernels.Choice.AUTO);
    }

    KernelCheck numbers(Kernels.Choice choice) {
        return switch (this) {
            case EMULATED -> {
                var launcher = EmulatedGpu.here();
                Kernels reference = Kernels.of(Device.CPU, Kernels.Choice.REFERENCE);
                yield new KernelCheck(Device.CPU, new CudaKernels(launcher, reference, choice));
            }
            case GPU -> {
                Assumptions.assumeTrue(Libraries.cudaDevices() > 0, "libtorch sees no GPU here");
                yield new KernelCheck(Device.cuda(0), Kernels.of(Device.cuda(0), choice));
            }
        };
    }
}
