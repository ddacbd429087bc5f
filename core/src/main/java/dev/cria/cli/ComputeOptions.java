package dev.cria.cli;

import dev.cria.tensor.Device;
import picocli.CommandLine.Option;

/** Where and in which type a command computes. */
final class ComputeOptions {
    @Option(
            names = "--device",
            paramLabel = "auto|cpu|cuda|cuda:N",
            defaultValue = "auto",
            description = "Where to compute (default: ${DEFAULT-VALUE}).")
    private String device = "auto";

    @Option(
            names = "--precision",
            paramLabel = "fp32|bf16",
            defaultValue = "fp32",
            description = "The type of weights and activations (default: ${DEFAULT-VALUE}).")
    private Precision precision = Precision.FP32;

    Device device() {
        return Device.named(device, 0);
    }

    Precision precision() {
        return precision;
    }
}
