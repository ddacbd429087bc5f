package dev.cria.tensor;

import org.junit.jupiter.api.Assumptions;

/** A kind of device that a test runs on; where there is none, the test is skipped and says so. */
public enum On {
    CPU,
    CUDA;

    public Device device() {
        return switch (this) {
            case CPU -> Device.CPU;
            case CUDA -> {
                Assumptions.assumeTrue(Libraries.cudaDevices() > 0, "libtorch sees no GPU here");
                yield Device.cuda(0);
            }
        };
    }
}
