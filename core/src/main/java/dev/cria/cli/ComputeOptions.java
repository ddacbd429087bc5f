package dev.cria.cli;

import dev.cria.RequestException;
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
            paramLabel = "fp32|bf16|int8",
            defaultValue = "fp32",
            description = "The type of weights and activations; int8: of weights, for generating, with activations in"
                    + " fp32 (default: ${DEFAULT-VALUE}).")
    private Precision precision = Precision.FP32;

    Device device() {
        return Device.named(device, 0);
    }

    Precision precision() {
        return precision;
    }

    /** For what scores texts instead of writing them. */
    void refuseInt8() {
        if (precision == Precision.INT8) {
            throw new RequestException(
                    "--precision is int8, which generates texts; scores are computed in fp32 or bf16",
                    "--precision bf16");
        }
    }
}
