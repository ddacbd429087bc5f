package dev.cria.tensor.cpu;

import static dev.cria.tensor.cpu.Lanes.WIDTH;
import static dev.cria.tensor.cpu.Lanes.load;

import dev.cria.tensor.AdamStep;
import dev.cria.tensor.AdamUpdate;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Matrix;
import java.nio.ByteOrder;
import java.util.Optional;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link AdamUpdate.Full} and {@link Kernels#sumOfSquares}: memory sets their speed, so each number is read and written
 * once. A step moves 28 bytes a parameter in float32, 30 with a bfloat16 copy of the weight.
 *
 * <p>Moments below the normal numbers become 0. Left alone they would never get there, since a tenth less of the smallest
 * number rounds to itself, and the processor takes a hundred times as long for each: the rows of tokens that a corpus
 * does not have would make a step many times slower after some hundred steps.
 */
final class CpuAdam {
    private static final long PIECE = 1 << 16;

    private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;

    /** As many floats as there are doubles in a vector. */
    private static final VectorSpecies<Float> HALF =
            VectorSpecies.of(float.class, VectorShape.forBitSize(DOUBLES.vectorBitSize() / 2));

    private CpuAdam() {}

    static void step(Workers workers, AdamUpdate.Full call) {
        var w = Matrix.flat(call.w());
        var gradient = Matrix.flat(call.gradient());
        var m = Matrix.flat(call.m());
        var v = Matrix.flat(call.v());
        Optional<Matrix> copy = call.copy().map(Matrix::flat);
        var numbers = new Numbers(call.step());
        CpuElementwise.eachRow(workers, w, (_, at, n, scratch) -> {
            long g = Lanes.widened(gradient.dtype(), gradient.at(0, at), n, scratch);
            update(w.at(0, at), g, m.at(0, at), v.at(0, at), numbers, n);
            copy.ifPresent(c -> Lanes.toBf16(w.at(0, at), c.at(0, at), n));
        });
    }

    /** The step in float32. */
    record Numbers(
            float decay,
            float scale,
            float beta1,
            float rest1,
            float beta2,
            float rest2,
            float inverseCorrection2,
            float eps,
            float rate) {
        Numbers(AdamStep step) {
            this(
                    (float) (1 - step.learningRate() * step.weightDecay()),
                    (float) step.gradientScale(),
                    (float) step.beta1(),
                    (float) (1 - step.beta1()),
                    (float) step.beta2(),
                    (float) (1 - step.beta2()),
                    (float) (1 / step.biasCorrection2()),
                    (float) step.eps(),
                    (float) (step.learningRate() / step.biasCorrection1()));
        }
    }

    static void update(long w, long g, long m, long v, Numbers s, long n) {
        float decay = s.decay();
        float scale = s.scale();
        float beta1 = s.beta1();
        float rest1 = s.rest1();
        float beta2 = s.beta2();
        float rest2 = s.rest2();
        float correction = s.inverseCorrection2();
        float eps = s.eps();
        float rate = s.rate();
        int i = 0;
        for (; i < Lanes.bound(n); i += WIDTH) {
            FloatVector gs = load(g + 4 * i).mul(scale);
            FloatVector ms = load(m + 4 * i).mul(beta1).add(gs.mul(rest1));
            FloatVector vs = load(v + 4 * i).mul(beta2).add(gs.mul(gs).mul(rest2));
            FloatVector root = vs.mul(correction).lanewise(VectorOperators.SQRT).add(eps);
            Lanes.store(m + 4 * i, ms.blend(0f, ms.abs().compare(VectorOperators.LT, Float.MIN_NORMAL)));
            Lanes.store(v + 4 * i, vs.blend(0f, vs.compare(VectorOperators.LT, Float.MIN_NORMAL)));
            Lanes.store(w + 4 * i, load(w + 4 * i).mul(decay).sub(ms.mul(rate).div(root)));
        }
        for (; i < n; i++) {
            float gs = Lanes.get(g + 4 * i) * scale;
            float ms = Lanes.get(m + 4 * i) * beta1 + gs * rest1;
            float vs = Lanes.get(v + 4 * i) * beta2 + gs * gs * rest2;
            float root = (float) Math.sqrt(vs * correction) + eps;
            Lanes.set(m + 4 * i, Math.abs(ms) < Float.MIN_NORMAL ? 0 : ms);
            Lanes.set(v + 4 * i, vs < Float.MIN_NORMAL ? 0 : vs);
            Lanes.set(w + 4 * i, Lanes.get(w + 4 * i) * decay - ms * rate / root);
        }
    }

    static double sumOfSquares(Workers workers, Matrix x) {
        long n = x.width();
        int pieces = (int) CpuGemm.divideUp(n, PIECE);
        double[] sums = new double[pieces];
        workers.run(pieces, (piece, scratch) -> {
            long end = Math.min(n, (piece + 1) * PIECE);
            long first = piece * PIECE;
            long floats = Lanes.widened(x.dtype(), x.at(0, first), end - first, scratch);
            sums[piece] = sumOfSquares(floats, end - first);
        });
        double total = 0;
        for (double sum : sums) {
            total += sum;
        }
        return total;
    }

    /** In four streams, which memory feeds faster than one. */
    private static double sumOfSquares(long x, long n) {
        int quarter = Lanes.bound(n / 4);
        long stride = 4L * quarter;
        var a = DoubleVector.zero(DOUBLES);
        var b = a;
        var c = a;
        var d = a;
        for (int i = 0; i < quarter; i += WIDTH / 2) {
            long at = x + 4L * i;
            var first = doubles(at);
            var second = doubles(at + stride);
            var third = doubles(at + 2 * stride);
            var fourth = doubles(at + 3 * stride);
            a = first.fma(first, a);
            b = second.fma(second, b);
            c = third.fma(third, c);
            d = fourth.fma(fourth, d);
        }
        double total = 0;
        for (double lane : a.add(b).add(c.add(d)).toArray()) {
            total += lane;
        }
        for (int i = 4 * quarter; i < n; i++) {
            double each = Lanes.get(x + 4L * i);
            total += each * each;
        }
        return total;
    }

    private static DoubleVector doubles(long floats) {
        return (DoubleVector) FloatVector.fromMemorySegment(HALF, Lanes.ALL, floats, ByteOrder.nativeOrder())
                .castShape(DOUBLES, 0);
    }
}
