package dev.cria.tensor;

import static dev.cria.tensor.library.Raw.scalar;

import dev.cria.tensor.cpu.BytePanels;
import dev.cria.tensor.cpu.Workers;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;

/**
 * A frozen matrix kept in fewer bits than it is computed with. In 8 bits each row has a scale, its largest magnitude /
 * 127, and a weight is off by at most half a scale. {@link MatrixProduct.Quantized} multiplies by
 * it; what needs it whole unpacks it.
 *
 * @see "Dettmers et al. 2022, LLM.int8(): 8-bit Matrix Multiplication for Transformers at Scale; the row-wise part"
 */
public final class QuantizedMatrix implements AutoCloseable {
    private static final double LARGEST_CODE = 127;

    private final Kept kept;

    /** How the numbers lie. */
    private sealed interface Kept {
        /** In a narrower floating type, [out, in]. */
        record Narrow(Tensor numbers) implements Kept {}

        /** In bytes, {@code codes [out, in], scales [out]}, on another device than the CPU. */
        record Codes(Tensor codes, Tensor scales) implements Kept {}

        /** In bytes in the host's memory. */
        record Panels(BytePanels panels) implements Kept {}
    }

    private QuantizedMatrix(Kept kept) {
        this.kept = kept;
    }

    /**
     * A matrix [out, in] to be filled row by row. The caller closes it.
     *
     * @param type int8, or a floating type that is narrower than the one computed with
     */
    public static QuantizedMatrix allocate(DType type, Device device, long out, long in) {
        if (type != DType.INT8) {
            return new QuantizedMatrix(new Kept.Narrow(Tensor.zeros(type, device, out, in)));
        }
        return new QuantizedMatrix(
                device.isCpu()
                        ? new Kept.Panels(new BytePanels(out, in))
                        : new Kept.Codes(
                                Tensor.zeros(type, device, out, in), Tensor.zeros(DType.FLOAT32, device, out)));
    }

    /** Stores rows from {@code start} on. {@code rows [any, in]} in float32, or in bfloat16 on the CPU */
    public void pack(long start, Tensor rows) {
        switch (kept) {
            case Kept.Panels(var panels) -> panels.pack(Workers.shared(), start, Matrix.of(rows));
            case Kept.Narrow(var numbers) -> {
                try (Tensor target = numbers.rows(start, rows.size(0))) {
                    target.copyFrom(rows);
                }
            }
            case Kept.Codes(var codes, var scales) -> {
                try (Tensor target = codes.rows(start, rows.size(0));
                        Tensor scale = scales.rows(start, rows.size(0));
                        var _ = new PointerScope()) {
                    var largest = rows.raw().abs().amax(new long[] {1}, false).div(scalar(LARGEST_CODE));
                    scale.raw().copy_(largest);
                    var divisor = largest.clamp_min(scalar(Float.MIN_NORMAL)).unsqueeze(1);
                    target.raw().copy_(rows.raw().div(divisor).round());
                }
            }
        }
    }

    /** Writes the matrix out. {@code into [out, in]} in any floating type */
    public void unpack(Tensor into) {
        switch (kept) {
            case Kept.Panels(var panels) -> unpack(panels, into);
            case Kept.Narrow(var numbers) -> into.copyFrom(numbers);
            case Kept.Codes(var codes, var scales) -> {
                into.copyFrom(codes);
                try (var _ = new PointerScope()) {
                    into.raw().mul_(scales.raw().unsqueeze(1));
                }
            }
        }
    }

    private static void unpack(BytePanels panels, Tensor into) {
        if (into.dtype() == DType.FLOAT32 || into.dtype() == DType.BFLOAT16) {
            panels.unpack(Workers.shared(), Matrix.of(into));
            return;
        }
        try (Tensor floats = Tensor.empty(DType.FLOAT32, Device.CPU, into.shape())) {
            panels.unpack(Workers.shared(), Matrix.of(floats));
            into.copyFrom(floats);
        }
    }

    /** The bytes, where they lie as the CPU's products read them. */
    public Optional<BytePanels> panels() {
        return kept instanceof Kept.Panels(var panels) ? Optional.of(panels) : Optional.empty();
    }

    public long outputs() {
        return switch (kept) {
            case Kept.Panels(var panels) -> panels.outputs();
            case Kept.Narrow(var numbers) -> numbers.size(0);
            case Kept.Codes coded -> coded.codes().size(0);
        };
    }

    public long inputs() {
        return switch (kept) {
            case Kept.Panels(var panels) -> panels.inputs();
            case Kept.Narrow(var numbers) -> numbers.size(1);
            case Kept.Codes coded -> coded.codes().size(1);
        };
    }

    public Device device() {
        return switch (kept) {
            case Kept.Panels _ -> Device.CPU;
            case Kept.Narrow(var numbers) -> numbers.device();
            case Kept.Codes coded -> coded.codes().device();
        };
    }

    /** Memory that it takes. */
    public long bytes() {
        return switch (kept) {
            case Kept.Panels(var panels) -> panels.bytes();
            case Kept.Narrow(var numbers) -> numbers.bytes();
            case Kept.Codes(var codes, var scales) -> codes.bytes() + scales.bytes();
        };
    }

    @Override
    public void close() {
        switch (kept) {
            case Kept.Panels(var panels) -> panels.close();
            case Kept.Narrow(var numbers) -> numbers.close();
            case Kept.Codes(var codes, var scales) -> {
                codes.close();
                scales.close();
            }
        }
    }
}
