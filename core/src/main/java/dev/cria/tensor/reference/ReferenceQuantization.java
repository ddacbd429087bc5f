package dev.cria.tensor.reference;

import static dev.cria.tensor.library.Raw.scalar;
import static dev.cria.tensor.library.Raw.type;

import dev.cria.tensor.DType;
import dev.cria.tensor.QuantizedMoments;
import dev.cria.tensor.Tensor;
import dev.cria.tensor.library.Raw;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;

/** {@link QuantizedMoments} numbers to float32 and back. */
final class ReferenceQuantization {

    private ReferenceQuantization() {}

    /** sign(code)·(code/127)²·scale, in the shape of another tensor. The caller closes it. */
    static Tensor signed(QuantizedMoments x, Tensor like) {
        Tensor made = Tensor.empty(DType.FLOAT32, like.device(), like.shape());
        try (var _ = new PointerScope()) {
            var ratio = x.codes().raw().to(type(DType.FLOAT32)).div(scalar(127));
            store(ratio.mul(ratio.abs()), x, made);
        }
        return made;
    }

    /** ((code + 128)/255)⁴·scale. The caller closes it. */
    static Tensor square(QuantizedMoments x, Tensor like) {
        Tensor made = Tensor.empty(DType.FLOAT32, like.device(), like.shape());
        try (var _ = new PointerScope()) {
            var ratio = x.codes().raw().to(type(DType.FLOAT32)).add(scalar(128)).div(scalar(255));
            store(ratio.square().square(), x, made);
        }
        return made;
    }

    private static void store(org.bytedeco.pytorch.Tensor ratio, QuantizedMoments x, Tensor target) {
        target.raw().copy_(ratio.mul(perElement(x)).view(target.shape()));
    }

    private static org.bytedeco.pytorch.Tensor perElement(QuantizedMoments x) {
        return x.scales()
                .raw()
                .unsqueeze(1)
                .expand(x.scales().elements(), QuantizedMoments.BLOCK)
                .reshape(-1)
                .narrow(0, 0, x.codes().elements());
    }

    static void storeSigned(Tensor numbers, QuantizedMoments into) {
        try (var _ = new PointerScope()) {
            var ratio = ratio(numbers, into);
            var codes = ratio.abs().sqrt().mul(scalar(127)).round().mul(ratio.sign());
            into.codes().raw().copy_(codes);
        }
    }

    static void storeSquare(Tensor numbers, QuantizedMoments into) {
        try (var _ = new PointerScope()) {
            var ratio = ratio(numbers, into);
            var codes = ratio.sqrt().sqrt().mul(scalar(255)).round();
            // A square above zero keeps at least the smallest code above zero's.
            var least = numbers.raw().flatten().gt(scalar(0)).to(type(DType.FLOAT32));
            into.codes().raw().copy_(torch.maximum(codes, least).sub(scalar(128)));
        }
    }

    /** Writes each block's largest magnitude as its scale, and returns the numbers as fractions of it. */
    private static org.bytedeco.pytorch.Tensor ratio(Tensor numbers, QuantizedMoments into) {
        long elements = numbers.elements();
        long padding = QuantizedMoments.blocks(elements) * QuantizedMoments.BLOCK - elements;
        var flat = numbers.raw().flatten();
        var zeros = torch.zeros(new long[] {padding}, Raw.options(DType.FLOAT32, numbers.device()));
        var padded = torch.cat(new org.bytedeco.pytorch.TensorVector(flat, zeros), 0);
        var scales = padded.view(-1, QuantizedMoments.BLOCK).abs().amax(new long[] {1}, false);
        into.scales().raw().copy_(scales);
        var divisor = scales.clamp_min(scalar(Float.MIN_NORMAL)).unsqueeze(1);
        return padded.view(-1, QuantizedMoments.BLOCK).div(divisor).flatten().narrow(0, 0, elements);
    }
}
