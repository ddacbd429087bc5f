package dev.cria.tensor;

import static dev.cria.tensor.Raw.scalar;

import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;

/**
 * A frozen matrix kept in fewer bits than it is computed with, and unpacked when it is used. In 8 bits each row has a
 * scale, its largest magnitude / 127, and a weight is off by at most half a scale.
 *
 * @see "Dettmers et al. 2022, LLM.int8(): 8-bit Matrix Multiplication for Transformers at Scale; the row-wise part"
 */
public final class PackedMatrix implements AutoCloseable {
    private static final double LARGEST_CODE = 127;

    private final Tensor codes; // [out, in]
    private final Optional<Tensor> scales; // [out], for 8 bits

    private PackedMatrix(Tensor codes, Optional<Tensor> scales) {
        this.codes = codes;
        this.scales = scales;
    }

    /**
     * A matrix [out, in] to be filled row by row. The caller closes it.
     *
     * @param type int8, or a floating type that is narrower than the one computed with
     */
    public static PackedMatrix allocate(DType type, Device device, long out, long in) {
        Optional<Tensor> scales =
                type == DType.INT8 ? Optional.of(Tensor.zeros(DType.FLOAT32, device, out)) : Optional.empty();
        return new PackedMatrix(Tensor.zeros(type, device, out, in), scales);
    }

    /** Stores rows from {@code start} on. {@code rows [any, in]} in float32 */
    public void pack(long start, Tensor rows) {
        try (Tensor target = codes.rows(start, rows.size(0))) {
            if (scales.isEmpty()) {
                target.copyFrom(rows);
                return;
            }
            try (Tensor scale = scales.get().rows(start, rows.size(0));
                    var _ = new PointerScope()) {
                var largest = rows.raw().abs().amax(new long[] {1}, false).div(scalar(LARGEST_CODE));
                scale.raw().copy_(largest);
                var divisor = largest.clamp_min(scalar(Float.MIN_NORMAL)).unsqueeze(1);
                target.raw().copy_(rows.raw().div(divisor).round());
            }
        }
    }

    /** Writes the matrix out. {@code into [out, in]} in any floating type */
    public void unpack(Tensor into) {
        into.copyFrom(codes);
        if (scales.isPresent()) {
            try (var _ = new PointerScope()) {
                into.raw().mul_(scales.get().raw().unsqueeze(1));
            }
        }
    }

    public long outputs() {
        return codes.size(0);
    }

    public long inputs() {
        return codes.size(1);
    }

    public Device device() {
        return codes.device();
    }

    /** Memory that it takes. */
    public long bytes() {
        return codes.bytes() + scales.map(Tensor::bytes).orElse(0L);
    }

    @Override
    public void close() {
        codes.close();
        scales.ifPresent(Tensor::close);
    }
}
