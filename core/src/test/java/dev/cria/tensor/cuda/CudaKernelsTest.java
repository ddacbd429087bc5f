package dev.cria.tensor.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cria.tensor.Activation;
import dev.cria.tensor.AdamStep;
import dev.cria.tensor.AdamUpdate;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Elementwise;
import dev.cria.tensor.HeadLoss;
import dev.cria.tensor.HeadLoss.Gradients;
import dev.cria.tensor.Into;
import dev.cria.tensor.KernelCheck;
import dev.cria.tensor.Norm;
import dev.cria.tensor.QuantizedMoments;
import dev.cria.tensor.RotaryEmbedding;
import dev.cria.tensor.RotaryEmbedding.Direction;
import dev.cria.tensor.Tensor;
import dev.cria.tensor.TokenEmbedding;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every kernel for CUDA against the reference in float64 on the same numbers, on sizes that fill no block and on sizes
 * that are read in vectors. A float32 result is off by its own rounding, one in fewer bits by its type's.
 */
@Tag("gpu")
final class CudaKernelsTest {

    @ParameterizedTest
    @CsvSource({
        "EMULATED, FLOAT32, 1, 7",
        "EMULATED, FLOAT32, 13, 208",
        "EMULATED, BFLOAT16, 5, 207",
        "EMULATED, BFLOAT16, 13, 2304",
        "EMULATED, FLOAT16, 3, 64",
        "GPU, FLOAT32, 13, 207",
        "GPU, BFLOAT16, 13, 207",
        "GPU, BFLOAT16, 1300, 2048",
        "GPU, FLOAT16, 13, 768"
    })
    void rmsNormAndItsGradientAgree(CudaDevice place, DType dtype, int rows, int width) {
        try (var check = place.numbers()) {
            Tensor x = check.random(dtype, rows, width);
            Tensor w = check.random(DType.FLOAT32, width);
            Tensor dy = check.random(dtype, rows, width);
            Tensor y = check.unwritten(dtype, rows, width);
            Tensor r = check.unwritten(DType.FLOAT32, rows);
            Tensor yExact = check.wide(rows, width);
            Tensor rExact = check.wide(rows);
            check.fast.run(new Norm.Rms(x, w, 1e-5, y, r));
            check.exact.run(new Norm.Rms(check.wide(x), check.wide(w), 1e-5, yExact, rExact));
            KernelCheck.close("y", y, yExact, width);
            KernelCheck.close("r", r, rExact, width);
            for (Into into : Into.values()) {
                Tensor dx = check.random(dtype, rows, width);
                Tensor dw = check.random(into == Into.OVERWRITE ? DType.FLOAT32 : DType.BFLOAT16, width);
                Tensor dxExact = check.wide(dx);
                Tensor dwExact = check.wide(dw);
                check.fast.run(new Norm.RmsGradient(dy, x, w, r, dx, into, Optional.of(dw)));
                check.exact.run(new Norm.RmsGradient(
                        check.wide(dy), check.wide(x), check.wide(w), rExact, dxExact, into, Optional.of(dwExact)));
                KernelCheck.close("dx " + into, dx, dxExact, width);
                KernelCheck.close("dw", dw, dwExact, (long) rows * width);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "EMULATED, FLOAT32, 1, 7",
        "EMULATED, BFLOAT16, 13, 207",
        "EMULATED, BFLOAT16, 9, 768",
        "GPU, FLOAT32, 13, 207",
        "GPU, BFLOAT16, 1300, 1600"
    })
    void layerNormAndItsGradientAgree(CudaDevice place, DType dtype, int rows, int width) {
        try (var check = place.numbers()) {
            Tensor x = check.random(dtype, rows, width);
            Tensor w = check.random(DType.FLOAT32, width);
            Tensor b = check.random(DType.FLOAT32, width);
            Tensor dy = check.random(dtype, rows, width);
            Tensor y = check.unwritten(dtype, rows, width);
            Tensor mean = check.unwritten(DType.FLOAT32, rows);
            Tensor r = check.unwritten(DType.FLOAT32, rows);
            Tensor yExact = check.wide(rows, width);
            Tensor meanExact = check.wide(rows);
            Tensor rExact = check.wide(rows);
            check.fast.run(new Norm.Layer(x, w, b, 1e-5, y, mean, r));
            check.exact.run(
                    new Norm.Layer(check.wide(x), check.wide(w), check.wide(b), 1e-5, yExact, meanExact, rExact));
            KernelCheck.close("y", y, yExact, width);
            KernelCheck.close("mean", mean, meanExact, width);
            KernelCheck.close("r", r, rExact, width);
            for (Into into : Into.values()) {
                Tensor dx = check.random(dtype, rows, width);
                Tensor dw = check.random(DType.FLOAT32, width);
                Tensor db = check.random(DType.FLOAT32, width);
                Tensor dxExact = check.wide(dx);
                Tensor dwExact = check.wide(dw);
                Tensor dbExact = check.wide(db);
                check.fast.run(new Norm.LayerGradient(dy, x, w, mean, r, dx, into, Optional.of(dw), Optional.of(db)));
                check.exact.run(new Norm.LayerGradient(
                        check.wide(dy),
                        check.wide(x),
                        check.wide(w),
                        meanExact,
                        rExact,
                        dxExact,
                        into,
                        Optional.of(dwExact),
                        Optional.of(dbExact)));
                KernelCheck.close("dx " + into, dx, dxExact, width);
                KernelCheck.close("dw", dw, dwExact, (long) rows * width);
                KernelCheck.close("db", db, dbExact, (long) rows * width);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "EMULATED, FLOAT32, 1, 1",
        "EMULATED, FLOAT32, 5, 208",
        "EMULATED, BFLOAT16, 5, 207",
        "EMULATED, BFLOAT16, 2, 5000",
        "EMULATED, FLOAT16, 3, 64",
        "GPU, FLOAT32, 13, 207",
        "GPU, BFLOAT16, 70, 5632",
        "GPU, FLOAT16, 13, 64"
    })
    void activationsAndTheirGradientsAgreeOnColumnsOfAWiderTensor(CudaDevice place, DType dtype, int rows, int width) {
        try (var check = place.numbers()) {
            Tensor wide = check.random(dtype, rows, 2L * width);
            Tensor gate = check.scope.own(wide.narrow(1, 0, width));
            Tensor up = check.scope.own(wide.narrow(1, width, width));
            Tensor dy = check.random(dtype, rows, width);
            Tensor y = check.unwritten(dtype, rows, width);
            Tensor yExact = check.wide(rows, width);
            check.fast.run(new Activation.SwiGlu(gate, up, y));
            check.exact.run(new Activation.SwiGlu(check.wide(gate), check.wide(up), yExact));
            KernelCheck.close("swiGlu", y, yExact, 16);
            Tensor both = check.random(dtype, rows, 2L * width);
            Tensor dgate = check.scope.own(both.narrow(1, 0, width));
            Tensor dup = check.scope.own(both.narrow(1, width, width));
            Tensor dgateExact = check.wide(rows, width);
            Tensor dupExact = check.wide(rows, width);
            check.fast.run(new Activation.SwiGluGradient(dy, gate, up, dgate, dup));
            check.exact.run(new Activation.SwiGluGradient(
                    check.wide(dy), check.wide(gate), check.wide(up), dgateExact, dupExact));
            KernelCheck.close("dgate", dgate, dgateExact, 16);
            KernelCheck.close("dup", dup, dupExact, 16);
            check.fast.run(new Activation.Gelu(gate, y));
            check.exact.run(new Activation.Gelu(check.wide(gate), yExact));
            KernelCheck.close("gelu", y, yExact, 16);
            check.fast.run(new Activation.GeluGradient(dy, gate, dgate));
            check.exact.run(new Activation.GeluGradient(check.wide(dy), check.wide(gate), dgateExact));
            KernelCheck.close("gelu gradient", dgate, dgateExact, 16);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "EMULATED, FLOAT32, 5, 3, 2",
        "EMULATED, BFLOAT16, 13, 4, 6",
        "EMULATED, BFLOAT16, 7, 2, 64",
        "EMULATED, FLOAT16, 7, 2, 16",
        "GPU, FLOAT32, 13, 4, 6",
        "GPU, BFLOAT16, 700, 32, 64"
    })
    void ropeTurnsPartOfAWiderTensorAndNothingElse(CudaDevice place, DType dtype, int rows, int heads, int dim) {
        try (var check = place.numbers()) {
            Tensor table = check.random(DType.FLOAT32, 9, 2, dim / 2);
            Tensor positions = check.ids(9, rows);
            Tensor wide = check.random(dtype, rows, (long) heads * dim + 16);
            Tensor x = check.scope.own(wide.narrow(1, 8, (long) heads * dim));
            for (Direction direction : Direction.values()) {
                Tensor exactWide = check.wide(wide);
                Tensor xExact = check.scope.own(exactWide.narrow(1, 8, (long) heads * dim));
                check.fast.run(new RotaryEmbedding(x, table, positions, direction));
                try (Tensor host = positions.to(Device.CPU)) {
                    check.exact.run(new RotaryEmbedding(xExact, check.wide(table), host, direction));
                }
                KernelCheck.close("x " + direction, wide, exactWide, 4);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "EMULATED, FLOAT32, 13, 207",
        "EMULATED, BFLOAT16, 13, 208",
        "EMULATED, BFLOAT16, 1, 100003",
        "EMULATED, FLOAT16, 520, 33",
        "GPU, BFLOAT16, 13, 208",
        "GPU, FLOAT32, 1, 100003",
        "GPU, FLOAT16, 5000, 33"
    })
    void additionsAgree(CudaDevice place, DType dtype, int rows, int width) {
        try (var check = place.numbers()) {
            Tensor x = check.random(dtype, rows, width);
            Tensor y = check.random(dtype, rows, width);
            Tensor columns = check.columns(dtype, rows, width);
            Tensor b = check.random(DType.FLOAT32, width);
            Tensor db = check.random(DType.FLOAT32, width);
            Tensor yExact = check.wide(y);
            Tensor dbExact = check.wide(db);
            check.fast.run(new Elementwise.BiasGradient(columns, db));
            check.exact.run(new Elementwise.BiasGradient(check.wide(columns), dbExact));
            KernelCheck.close("db", db, dbExact, rows);
            check.exact.run(new Elementwise.Add(check.wide(x), yExact));
            check.fast.run(new Elementwise.Add(x, y));
            KernelCheck.close("sum", y, yExact, 1);
            Tensor sum = check.wide(columns);
            check.exact.run(new Elementwise.Add(check.wide(y), sum));
            check.fast.run(new Elementwise.Add(y, columns));
            KernelCheck.close("sum in columns", columns, sum, 1);
            Tensor biased = check.wide(columns);
            check.exact.run(new Elementwise.AddBias(biased, check.wide(b)));
            check.fast.run(new Elementwise.AddBias(columns, b));
            KernelCheck.close("bias", columns, biased, 1);
            Tensor scaled = check.wide(columns);
            check.exact.run(new Elementwise.Scale(scaled, -0.3));
            check.fast.run(new Elementwise.Scale(columns, -0.3));
            KernelCheck.close("scaled", columns, scaled, 1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "EMULATED, FLOAT32, 1, 1, 3",
        "EMULATED, FLOAT32, 50, 11, 72",
        "EMULATED, BFLOAT16, 7, 500, 33",
        "EMULATED, BFLOAT16, 200, 3, 64",
        "GPU, BFLOAT16, 20000, 300, 96",
        "GPU, FLOAT32, 7, 500, 33"
    })
    void embeddingAndItsGradientAgreeWhereIdsRepeat(CudaDevice place, DType dtype, int rows, int vocab, int width) {
        try (var check = place.numbers()) {
            Tensor table = check.random(dtype, vocab, width);
            Tensor ids = check.ids(vocab, rows);
            Tensor hostIds = check.scope.own(ids.to(Device.CPU));
            Tensor out = check.unwritten(dtype, rows, width);
            Tensor outExact = check.wide(rows, width);
            check.fast.run(new TokenEmbedding.Lookup(table, ids, out));
            check.exact.run(new TokenEmbedding.Lookup(check.wide(table), hostIds, outExact));
            KernelCheck.close("out", out, outExact, 1);
            for (DType type : new DType[] {DType.FLOAT32, dtype}) {
                Tensor dtable = check.random(type, vocab, width);
                Tensor dtableExact = check.wide(dtable);
                check.fast.run(new TokenEmbedding.Gradient(out, ids, dtable));
                check.exact.run(new TokenEmbedding.Gradient(outExact, hostIds, dtableExact));
                KernelCheck.close("dtable " + type, dtable, dtableExact, rows);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "EMULATED, FLOAT32, 1, 2, 3",
        "EMULATED, FLOAT32, 13, 34, 207",
        "EMULATED, BFLOAT16, 7, 64, 5000",
        "EMULATED, FLOAT16, 5, 64, 1000",
        "GPU, FLOAT32, 13, 34, 207",
        "GPU, BFLOAT16, 700, 64, 50304",
        "GPU, FLOAT16, 70, 64, 1000"
    })
    void headAgreesAndIgnoresWhatItShould(CudaDevice place, DType dtype, int rows, int hidden, int vocab) {
        try (var check = place.numbers()) {
            Tensor x = check.random(dtype, rows, hidden);
            Tensor w = check.random(dtype, vocab, hidden);
            long[] chosen = new java.util.Random(3).longs(rows, 0, vocab).toArray();
            if (rows > 1) {
                chosen[1] = HeadLoss.IGNORED;
            }
            Tensor hostTargets = check.scope.own(Tensor.of(chosen, rows));
            Tensor targets = check.there(Tensor.of(chosen, rows));
            Tensor losses = check.unwritten(DType.FLOAT32, rows);
            Tensor lossesExact = check.wide(rows);
            Tensor dx = check.unwritten(dtype, rows, hidden);
            Tensor dw = check.random(DType.FLOAT32, vocab, hidden);
            Tensor dxExact = check.wide(rows, hidden);
            Tensor dwExact = check.wide(dw);
            check.fast.run(new HeadLoss(
                    x,
                    w,
                    targets,
                    losses,
                    Optional.of(new Gradients(0.37, 0.01, dx, Optional.of(dw), Into.ACCUMULATE))));
            check.exact.run(new HeadLoss(
                    check.wide(x),
                    check.wide(w),
                    hostTargets,
                    lossesExact,
                    Optional.of(new Gradients(0.37, 0.01, dxExact, Optional.of(dwExact), Into.ACCUMULATE))));
            // Logits of this size are rounded to a part in 256 or 2048, and the loss is their difference.
            double part =
                    switch (dtype) {
                        case BFLOAT16 -> 0x1p-6;
                        case FLOAT16 -> 0x1p-9;
                        default -> 0x1p-19;
                    };
            KernelCheck.near("losses", losses, lossesExact, part);
            KernelCheck.near("dx", dx, dxExact, 4 * part);
            KernelCheck.near("dw", dw, dwExact, 4 * part);
            Tensor alone = check.unwritten(DType.FLOAT32, rows);
            check.fast.run(new HeadLoss(x, w, targets, alone, Optional.empty()));
            assertThat(alone.toFloats()).isEqualTo(losses.toFloats());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "EMULATED, FLOAT32, 1, BFLOAT16",
        "EMULATED, FLOAT32, 10003, FLOAT16",
        "EMULATED, BFLOAT16, 5000, BFLOAT16",
        "GPU, FLOAT32, 100003, BFLOAT16",
        "GPU, BFLOAT16, 500000, FLOAT16"
    })
    void adamStepsAgree(CudaDevice place, DType gradientType, int n, DType copyType) {
        try (var check = place.numbers()) {
            Tensor w = check.random(DType.FLOAT32, n);
            Tensor g = check.random(gradientType, n);
            Tensor m = check.random(DType.FLOAT32, n);
            Tensor v = check.there(absolute(m));
            Tensor copy = check.unwritten(copyType, n);
            Tensor wExact = check.wide(w);
            Tensor mExact = check.wide(m);
            Tensor vExact = check.wide(v);
            var step = new AdamStep(0.01, 0.9, 0.95, 1e-8, 0.1, 0.7, 3);
            check.fast.run(new AdamUpdate.Full(w, g, m, v, step, Optional.of(copy)));
            check.exact.run(new AdamUpdate.Full(wExact, check.wide(g), mExact, vExact, step, Optional.empty()));
            KernelCheck.close("m", m, mExact, 4);
            KernelCheck.close("v", v, vExact, 4);
            KernelCheck.close("w", w, wExact, 16);
            KernelCheck.close("copy", copy, check.wide(w), 1);
        }
    }

    private static Tensor absolute(Tensor x) {
        float[] numbers = x.toFloats();
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Math.abs(numbers[i]);
        }
        return Tensor.of(numbers, numbers.length);
    }

    @ParameterizedTest
    @CsvSource({"EMULATED, FLOAT32, 1000", "EMULATED, BFLOAT16, 256", "GPU, FLOAT32, 100003"})
    void adamStepsWithMomentsInEightBitsAgree(CudaDevice place, DType gradientType, int n) {
        try (var check = place.numbers()) {
            Tensor w = check.random(DType.FLOAT32, n);
            Tensor wExact = check.scope.own(w.to(Device.CPU));
            QuantizedMoments m = empty(check, n);
            QuantizedMoments v = empty(check, n);
            QuantizedMoments mExact = onHost(check, m);
            QuantizedMoments vExact = onHost(check, v);
            for (int t = 1; t <= 3; t++) {
                Tensor g = check.random(gradientType, n);
                Tensor hostG = check.scope.own(g.to(Device.CPU));
                Tensor copy = check.unwritten(DType.BFLOAT16, n);
                var step = new AdamStep(0.01, 0.9, 0.95, 1e-8, 0.1, 0.7, t);
                check.fast.run(new AdamUpdate.Quantized(w, g, m, v, step, Optional.of(copy)));
                check.exact.run(new AdamUpdate.Quantized(wExact, hostG, mExact, vExact, step, Optional.empty()));
                KernelCheck.close("copy", copy, check.wide(w), 1);
            }
            // A number on the border between two codes may fall to either side, which moves its weight a little.
            KernelCheck.near("scales", m.scales(), check.wide(mExact.scales()), 1e-5);
            KernelCheck.near("scales", v.scales(), check.wide(vExact.scales()), 1e-5);
            KernelCheck.near("m", m.codes(), check.wide(mExact.codes()), 1.01 / 127);
            KernelCheck.near("v", v.codes(), check.wide(vExact.codes()), 1.01 / 127);
            KernelCheck.near("w", w, check.wide(wExact), 1e-4);
        }
    }

    /** Moments that are all zero, because their scales are. */
    private static QuantizedMoments empty(KernelCheck check, int n) {
        Tensor zeros = check.there(Tensor.of(new float[n], n));
        Tensor made = check.scope.own(zeros.to(DType.INT8));
        long blocks = QuantizedMoments.blocks(n);
        return new QuantizedMoments(made, check.there(Tensor.zeros(DType.FLOAT32, Device.CPU, blocks)));
    }

    private static QuantizedMoments onHost(KernelCheck check, QuantizedMoments x) {
        return new QuantizedMoments(
                check.scope.own(x.codes().to(Device.CPU)),
                check.scope.own(x.scales().to(Device.CPU)));
    }

    @ParameterizedTest
    @CsvSource({
        "EMULATED, FLOAT32, 1",
        "EMULATED, FLOAT32, 300003",
        "EMULATED, BFLOAT16, 4096",
        "GPU, FLOAT32, 20000003",
        "GPU, BFLOAT16, 4096"
    })
    void sumsOfSquaresAgreeInDoublePrecision(CudaDevice place, DType dtype, int n) {
        try (var check = place.numbers()) {
            Tensor x = check.random(dtype, n);
            double exact = check.exact.sumOfSquares(check.wide(x));
            assertThat(check.fast.sumOfSquares(x)).isCloseTo(exact, within(1e-12 * exact));
        }
    }

    @ParameterizedTest
    @EnumSource
    void nanReachesLossAndGradientNorm(CudaDevice place) {
        try (var check = place.numbers()) {
            float[] numbers = new float[3 * 64];
            java.util.Arrays.fill(numbers, 1.5f);
            numbers[5] = Float.NaN;
            Tensor floats = check.there(Tensor.of(numbers, 3, 64));
            Tensor x = check.scope.own(floats.to(DType.BFLOAT16));
            Tensor y = check.unwritten(DType.BFLOAT16, 3, 64);
            Tensor r = check.unwritten(DType.FLOAT32, 3);
            check.fast.run(new Norm.Rms(x, check.random(DType.FLOAT32, 64), 1e-5, y, r));
            assertThat(y.toFloats()[0]).isNaN();
            assertThat(check.fast.sumOfSquares(y)).isNaN();
            Tensor losses = check.unwritten(DType.FLOAT32, 3);
            check.fast.run(
                    new HeadLoss(y, check.random(DType.BFLOAT16, 70, 64), check.ids(70, 3), losses, Optional.empty()));
            assertThat(losses.toFloats()[0]).isNaN();
            assertThat(losses.toFloats()[1]).isNotNaN();
        }
    }
}
