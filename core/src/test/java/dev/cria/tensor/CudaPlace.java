package dev.cria.tensor;

import org.junit.jupiter.api.Assumptions;

/** Where the kernels for CUDA are tested; where that is not to be had, the test is skipped and says so. */
enum CudaPlace {
    /** Their sources on the processor. */
    EMULATED,
    /** The first GPU. */
    GPU;

    Exactly numbers() {
        return numbers(Kernels.Choice.AUTO);
    }

    Exactly numbers(Kernels.Choice choice) {
        return switch (this) {
            case EMULATED -> {
                var launcher = EmulatedGpu.here();
                Kernels reference = Kernels.of(Device.CPU, Kernels.Choice.REFERENCE);
                yield new Exactly(Device.CPU, new CudaKernels(launcher, reference, choice));
            }
            case GPU -> {
                Assumptions.assumeTrue(Libraries.cudaDevices() > 0, "libtorch sees no GPU here");
                yield new Exactly(Device.cuda(0), Kernels.of(Device.cuda(0), choice));
            }
        };
    }
}
