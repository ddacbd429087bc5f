package dev.cria.api;

import dev.cria.tensor.Device;
import java.util.Optional;
import java.util.function.Consumer;

/** How a model is opened. Immutable: each method returns options that differ in one thing. */
public final class ModelOptions {
    private static final ModelOptions DEFAULTS =
            new ModelOptions("auto", Precision.FP32, Optional.empty(), Optional.empty(), _ -> {});

    /** The type of weights and activations. */
    public enum Precision {
        FP32,
        BF16,
        /** Weights in 8 bits, for texts alone: {@link Model#score} refuses it. */
        INT8
    }

    private final String device;
    private final Precision precision;
    private final Optional<String> adapter;
    private final Optional<String> template;
    private final Consumer<String> messages;

    private ModelOptions(
            String device,
            Precision precision,
            Optional<String> adapter,
            Optional<String> template,
            Consumer<String> messages) {
        this.device = device;
        this.precision = precision;
        this.adapter = adapter;
        this.template = template;
        this.messages = messages;
    }

    /** A GPU if there is one, in fp32, with the model's own chat template. */
    public static ModelOptions defaults() {
        return DEFAULTS;
    }

    /** @param name {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N} */
    public ModelOptions device(String name) {
        return new ModelOptions(name, precision, adapter, template, messages);
    }

    public ModelOptions precision(Precision type) {
        return new ModelOptions(device, type, adapter, template, messages);
    }

    /** @param name a directory with an adapter, a tuning run, or {@code hf://OWNER/ADAPTER} */
    public ModelOptions adapter(String name) {
        return new ModelOptions(device, precision, Optional.of(name), template, messages);
    }

    /** @param name of the prompt template: {@code vicuna_v1.1}, {@code vicuna_v1.1_newlines} or {@code chat_template} */
    public ModelOptions template(String name) {
        return new ModelOptions(device, precision, adapter, Optional.of(name), messages);
    }

    /** @param taker of a line when a file is downloaded or converted, or something about the model is odd */
    public ModelOptions onMessage(Consumer<String> taker) {
        return new ModelOptions(device, precision, adapter, template, taker);
    }

    Device device() {
        return Device.named(device, 0);
    }

    Precision precision() {
        return precision;
    }

    dev.cria.weights.Precision type() {
        return dev.cria.weights.Precision.valueOf(precision.name());
    }

    Optional<String> adapter() {
        return adapter;
    }

    Optional<String> template() {
        return template;
    }

    Consumer<String> messages() {
        return messages;
    }
}
