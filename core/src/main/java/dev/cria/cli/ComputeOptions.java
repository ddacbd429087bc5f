package dev.cria.cli;

import dev.cria.RequestException;
import dev.cria.tensor.Device;
import dev.cria.tune.OpenModel;
import dev.cria.weights.Precision;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where and in which type a command computes. */
final class ComputeOptions {
    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "auto",
            description = "auto, cpu, cuda or cuda:N (default: ${DEFAULT-VALUE}).")
    private String device = "auto";

    @Option(
            names = "--precision",
            paramLabel = "fp32|bf16|int8",
            defaultValue = "fp32",
            description = "Type of weights and activations; int8 quantizes weights, for generating, with activations in"
                    + " fp32 (default: ${DEFAULT-VALUE}).")
    private Precision precision = Precision.FP32;

    @Mixin
    private ThreadOption threads = new ThreadOption();

    @Mixin
    private UnknownKeyOption unknownKeys = new UnknownKeyOption();

    Device device() {
        return Device.named(device, 0);
    }

    Precision precision() {
        return precision;
    }

    /** Opens what a command names; see {@link OpenModel#open(Path, Device, Precision)}. */
    OpenModel open(Path model) {
        return open(model, Optional.empty());
    }

    /** The same with an adapter, if one is given, in place of the model's own. */
    OpenModel open(Path model, Optional<Path> adapter) {
        return OpenModel.open(model, adapter, device(), precision);
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
