package dev.cria.tensor.cpu;

import static org.assertj.core.api.Assertions.assertThat;

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
import dev.cria.tensor.RotaryEmbedding;
import dev.cria.tensor.RotaryEmbedding.Direction;
import dev.cria.tensor.Tensor;
import dev.cria.tensor.TokenEmbedding;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every fused kernel against the reference in float64 on the same numbers, on sizes that fill no vector. */
final class CpuKernelsTest {

    @ParameterizedTest
    @CsvSource({"FLOAT32, 1, 7", "FLOAT32, 13, 207", "BFLOAT16, 1, 5", "BFLOAT16, 13, 207", "BFLOAT16, 300, 64"})
    void rmsNormAndItsGradientAgree(DType dtype, int rows, int width) {
        try (var check = new KernelCheck()) {
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
                Tensor dw = check.random(DType.FLOAT32, width);
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
    @CsvSource({"FLOAT32, 1, 7", "FLOAT32, 13, 207", "BFLOAT16, 13, 207", "BFLOAT16, 300, 64"})
    void layerNormAndItsGradientAgree(DType dtype, int rows, int width) {
        try (var check = new KernelCheck()) {
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
            KernelCheck.close("r", r, rExact, width);
            Tensor dx = check.random(dtype, rows, width);
            Tensor dw = check.random(DType.FLOAT32, width);
            Tensor db = check.random(DType.FLOAT32, width);
            Tensor dxExact = check.wide(dx);
            Tensor dwExact = check.wide(dw);
            Tensor dbExact = check.wide(db);
            check.fast.run(
                    new Norm.LayerGradient(dy, x, w, mean, r, dx, Into.ACCUMULATE, Optional.of(dw), Optional.of(db)));
            check.exact.run(new Norm.LayerGradient(
                    check.wide(dy),
                    check.wide(x),
                    check.wide(w),
                    meanExact,
                    rExact,
                    dxExact,
                    Into.ACCUMULATE,
                    Optional.of(dwExact),
                    Optional.of(dbExact)));
            KernelCheck.close("dx", dx, dxExact, width);
            KernelCheck.close("dw", dw, dwExact, (long) rows * width);
            KernelCheck.close("db", db, dbExact, rows);
        }
    }

    @ParameterizedTest
    @CsvSource({"FLOAT32, 1, 1", "FLOAT32, 13, 207", "BFLOAT16, 13, 207", "BFLOAT16, 2, 5000"})
    void activationsAndTheirGradientsAgree(DType dtype, int rows, int width) {
        try (var check = new KernelCheck()) {
            Tensor gate = check.columns(dtype, rows, width);
            Tensor up = check.columns(dtype, rows, width);
            Tensor dy = check.random(dtype, rows, width);
            Tensor y = check.unwritten(dtype, rows, width);
            Tensor yExact = check.wide(rows, width);
            check.fast.run(new Activation.SwiGlu(gate, up, y));
            check.exact.run(new Activation.SwiGlu(check.wide(gate), check.wide(up), yExact));
            KernelCheck.close("swiGlu", y, yExact, 4);
            Tensor dgate = check.columns(dtype, rows, width);
            Tensor dup = check.columns(dtype, rows, width);
            Tensor dgateExact = check.wide(rows, width);
            Tensor dupExact = check.wide(rows, width);
            check.fast.run(new Activation.SwiGluGradient(dy, gate, up, dgate, dup));
            check.exact.run(new Activation.SwiGluGradient(
                    check.wide(dy), check.wide(gate), check.wide(up), dgateExact, dupExact));
            KernelCheck.close("dgate", dgate, dgateExact, 4);
            KernelCheck.close("dup", dup, dupExact, 4);
            check.fast.run(new Activation.Gelu(gate, y));
            check.exact.run(new Activation.Gelu(check.wide(gate), yExact));
            KernelCheck.close("gelu", y, yExact, 4);
            check.fast.run(new Activation.GeluGradient(dy, gate, dgate));
            check.exact.run(new Activation.GeluGradient(check.wide(dy), check.wide(gate), dgateExact));
            KernelCheck.close("gelu gradient", dgate, dgateExact, 4);
        }
    }

    @ParameterizedTest
    @CsvSource({"FLOAT32, 5, 3, 2", "BFLOAT16, 13, 4, 6", "BFLOAT16, 70, 2, 64"})
    void ropeTurnsPartOfAWiderTensorAndNothingElse(DType dtype, int rows, int heads, int dim) {
        try (var check = new KernelCheck()) {
            Tensor table = check.random(DType.FLOAT32, 9, 2, dim / 2);
            Tensor positions = check.ids(9, rows);
            Tensor wide = check.random(dtype, rows, (long) heads * dim + 8);
            Tensor x = check.scope.own(wide.narrow(1, 4, (long) heads * dim));
            for (Direction direction : Direction.values()) {
                Tensor exactWide = check.wide(wide);
                Tensor xExact = check.scope.own(exactWide.narrow(1, 4, (long) heads * dim));
                check.fast.run(new RotaryEmbedding(x, table, positions, direction));
                check.exact.run(new RotaryEmbedding(xExact, check.wide(table), positions, direction));
                KernelCheck.close("x " + direction, wide, exactWide, 4);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"FLOAT32, 13, 207", "BFLOAT16, 13, 207", "BFLOAT16, 1, 100003", "BFLOAT16, 500, 33"})
    void additionsAgree(DType dtype, int rows, int width) {
        try (var check = new KernelCheck()) {
            Tensor x = check.random(dtype, rows, width);
            Tensor y = check.random(dtype, rows, width);
            Tensor columns = check.columns(dtype, rows, width);
            Tensor b = check.random(DType.FLOAT32, width);
            Tensor db = check.random(DType.FLOAT32, width);
            Tensor yExact = check.wide(y);
            Tensor columnsExact = check.wide(columns);
            Tensor dbExact = check.wide(db);
            check.fast.run(new Elementwise.BiasGradient(columns, db));
            check.exact.run(new Elementwise.BiasGradient(columnsExact, dbExact));
            KernelCheck.close("db", db, dbExact, rows);
            check.exact.run(new Elementwise.Add(check.wide(x), yExact));
            check.fast.run(new Elementwise.Add(x, y));
            KernelCheck.close("sum", y, yExact, 1);
            columnsExact.copyFrom(columns);
            yExact.copyFrom(y);
            check.fast.run(new Elementwise.Add(y, columns));
            check.exact.run(new Elementwise.Add(yExact, columnsExact));
            KernelCheck.close("sum in columns", columns, columnsExact, 1);
            columnsExact.copyFrom(columns);
            check.fast.run(new Elementwise.AddBias(columns, b));
            check.exact.run(new Elementwise.AddBias(columnsExact, check.wide(b)));
            KernelCheck.close("bias", columns, columnsExact, 1);
            columnsExact.copyFrom(columns);
            check.fast.run(new Elementwise.Scale(columns, -0.3));
            check.exact.run(new Elementwise.Scale(columnsExact, -0.3));
            KernelCheck.close("scaled", columns, columnsExact, 1);
        }
    }

    /** The types may differ, and what is only written may have held anything. */
    @ParameterizedTest
    @CsvSource({
        "FLOAT32, FLOAT32, 1, 5000",
        "FLOAT32, BFLOAT16, 7, 33",
        "BFLOAT16, FLOAT32, 70, 1025",
        "BFLOAT16, BFLOAT16, 3, 64"
    })
    void weightedSumsAgree(DType from, DType into, int rows, int width) {
        try (var check = new KernelCheck()) {
            Tensor x = check.random(from, rows, width);
            Tensor y = check.random(into, rows, width);
            Tensor columns = check.columns(into, rows, width);
            Tensor fresh = check.unwritten(into, rows, width);
            for (Tensor sum : new Tensor[] {y, columns}) {
                Tensor sumExact = check.wide(sum);
                check.fast.run(new Elementwise.Axpby(-0.3, x, 1.7, sum));
                check.exact.run(new Elementwise.Axpby(-0.3, check.wide(x), 1.7, sumExact));
                KernelCheck.close("sum", sum, sumExact, 2);
            }
            Tensor freshExact = check.wide(rows, width);
            check.fast.run(new Elementwise.Axpby(-0.3, x, 0, fresh));
            check.exact.run(new Elementwise.Axpby(-0.3, check.wide(x), 0, freshExact));
            KernelCheck.close("product", fresh, freshExact, 1);
        }
    }

    @ParameterizedTest
    @CsvSource({"FLOAT32, 1, 1, 3", "FLOAT32, 500, 11, 70", "BFLOAT16, 7, 500, 33", "BFLOAT16, 2000, 3, 65"})
    void embeddingAndItsGradientAgreeWhereIdsRepeat(DType dtype, int rows, int vocab, int width) {
        try (var check = new KernelCheck()) {
            Tensor table = check.random(dtype, vocab, width);
            Tensor ids = check.ids(vocab, rows);
            Tensor out = check.unwritten(dtype, rows, width);
            Tensor outExact = check.wide(rows, width);
            check.fast.run(new TokenEmbedding.Lookup(table, ids, out));
            check.exact.run(new TokenEmbedding.Lookup(check.wide(table), ids, outExact));
            KernelCheck.close("out", out, outExact, 1);
            for (DType type : new DType[] {DType.FLOAT32, dtype}) {
                Tensor dtable = check.random(type, vocab, width);
                Tensor dtableExact = check.wide(dtable);
                check.fast.run(new TokenEmbedding.Gradient(out, ids, dtable));
                check.exact.run(new TokenEmbedding.Gradient(outExact, ids, dtableExact));
                KernelCheck.close("dtable " + type, dtable, dtableExact, rows);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"FLOAT32, 1, 2, 3", "FLOAT32, 13, 34, 207", "BFLOAT16, 13, 34, 207", "BFLOAT16, 70, 64, 1000"})
    void headAgreesAndIgnoresWhatItShould(DType dtype, int rows, int hidden, int vocab) {
        try (var check = new KernelCheck()) {
            Tensor x = check.random(dtype, rows, hidden);
            Tensor w = check.random(dtype, vocab, hidden);
            Tensor targets = check.ids(vocab, rows);
            if (rows > 1) {
                targets.segment().setAtIndex(ValueLayout.JAVA_LONG, 1, HeadLoss.IGNORED);
            }
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
                    targets,
                    lossesExact,
                    Optional.of(new Gradients(0.37, 0.01, dxExact, Optional.of(dwExact), Into.ACCUMULATE))));
            // Logits of this size are rounded to a part in 256, and the loss is their difference.
            double part = dtype == DType.BFLOAT16 ? 4 * 0x1p-8 : 0x1p-19;
            KernelCheck.near("losses", losses, lossesExact, part);
            KernelCheck.near("dx", dx, dxExact, 4 * part);
            KernelCheck.near("dw", dw, dwExact, 4 * part);
            Tensor alone = check.unwritten(DType.FLOAT32, rows);
            check.fast.run(new HeadLoss(x, w, targets, alone, Optional.empty()));
            assertThat(alone.toFloats()).isEqualTo(losses.toFloats());
        }
    }

    @ParameterizedTest
    @CsvSource({"FLOAT32, 1", "FLOAT32, 100003", "BFLOAT16, 5000"})
    void adamStepsAgree(DType gradientType, int n) {
        try (var check = new KernelCheck()) {
            Tensor w = check.random(DType.FLOAT32, n);
            Tensor g = check.random(gradientType, n);
            Tensor m = check.random(DType.FLOAT32, n);
            Tensor v = check.random(DType.FLOAT32, n);
            check.fast.run(new Elementwise.Scale(v, 0));
            check.fast.run(new Elementwise.Add(check.scope.own(absolute(m)), v));
            Tensor copy = check.unwritten(DType.BFLOAT16, n);
            Tensor wExact = check.wide(w);
            Tensor mExact = check.wide(m);
            Tensor vExact = check.wide(v);
            var step = new AdamStep(0.01, 0.9, 0.95, 1e-8, 0.1, 0.7, 3);
            check.fast.run(new AdamUpdate.Full(w, g, m, v, step, Optional.of(copy)));
            check.exact.run(new AdamUpdate.Full(wExact, check.wide(g), mExact, vExact, step, Optional.empty()));
            KernelCheck.close("m", m, mExact, 4);
            KernelCheck.close("v", v, vExact, 4);
            KernelCheck.close("w", w, wExact, 4);
            KernelCheck.close("copy", copy, w, 1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 64, 203})
    void momentsThatNoGradientFeedsEndAtZero(int n) {
        try (var check = new KernelCheck()) {
            Tensor w = check.random(DType.FLOAT32, n);
            Tensor g = check.unwritten(DType.FLOAT32, n);
            g.zero();
            float[] tiny = new float[n];
            Arrays.fill(tiny, 1.2f * Float.MIN_NORMAL);
            Tensor m = check.scope.own(Tensor.of(tiny, n));
            Tensor v = check.scope.own(Tensor.of(tiny, n));
            var step = new AdamStep(0.01, 0.9, 0.95, 1e-8, 0.1, 1, 3);
            for (int i = 0; i < 6; i++) {
                check.fast.run(new AdamUpdate.Full(w, g, m, v, step, Optional.empty()));
            }
            assertThat(m.toFloats()).containsOnly(0f);
            assertThat(v.toFloats()).containsOnly(0f);
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
    @CsvSource({"FLOAT32, 1", "FLOAT32, 200003", "BFLOAT16, 207"})
    void sumsOfSquaresAgreeInDoublePrecision(DType dtype, int n) {
        try (var check = new KernelCheck()) {
            Tensor x = check.random(dtype, n);
            double exact = check.exact.sumOfSquares(check.wide(x));
            assertThat(check.fast.sumOfSquares(x))
                    .isCloseTo(exact, org.assertj.core.data.Percentage.withPercentage(1e-9));
        }
    }

    @Test
    void nanReachesLossAndGradientNorm() {
        try (var check = new KernelCheck()) {
            Tensor x = check.random(DType.BFLOAT16, 3, 64);
            Tensor y = check.unwritten(DType.BFLOAT16, 3, 64);
            Tensor r = check.unwritten(DType.FLOAT32, 3);
            x.segment().setAtIndex(ValueLayout.JAVA_SHORT, 5, (short) 0x7FC0);
            Tensor w = check.random(DType.FLOAT32, 64);
            check.fast.run(new Norm.Rms(x, w, 1e-5, y, r));
            assertThat(y.toFloats()[0]).isNaN();
            assertThat(check.fast.sumOfSquares(y)).isNaN();
            Tensor losses = check.unwritten(DType.FLOAT32, 3);
            check.fast.run(
                    new HeadLoss(y, check.random(DType.BFLOAT16, 70, 64), check.ids(70, 3), losses, Optional.empty()));
            assertThat(losses.toFloats()[0]).isNaN();
            assertThat(losses.toFloats()[1]).isNotNaN();
        }
    }

    @Test
    void sameNumbersEveryTime() {
        try (var check = new KernelCheck()) {
            Tensor x = check.random(DType.BFLOAT16, 700, 96);
            Tensor w = check.random(DType.BFLOAT16, 1000, 96);
            Tensor targets = check.ids(1000, 700);
            float[] first = gradient(check, x, w, targets);
            for (int i = 0; i < 5; i++) {
                assertThat(gradient(check, x, w, targets)).isEqualTo(first);
            }
        }
    }

    private static float[] gradient(KernelCheck check, Tensor x, Tensor w, Tensor targets) {
        Tensor dw = check.scope.own(Tensor.zeros(DType.FLOAT32, Device.CPU, 1000, 96));
        Tensor dx = check.unwritten(DType.BFLOAT16, 700, 96);
        Tensor losses = check.unwritten(DType.FLOAT32, 700);
        check.fast.run(new HeadLoss(
                x, w, targets, losses, Optional.of(new Gradients(1, dx, Optional.of(dw), Into.ACCUMULATE))));
        return dw.toFloats();
    }
}
