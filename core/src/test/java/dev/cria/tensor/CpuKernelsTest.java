package dev.cria.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.tensor.Kernels.HeadGradients;
import dev.cria.tensor.Kernels.Rotation;
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
        try (var check = new Exactly()) {
            Tensor x = check.random(dtype, rows, width);
            Tensor w = check.random(DType.FLOAT32, width);
            Tensor dy = check.random(dtype, rows, width);
            Tensor y = check.unwritten(dtype, rows, width);
            Tensor r = check.unwritten(DType.FLOAT32, rows);
            Tensor yExact = check.wide(rows, width);
            Tensor rExact = check.wide(rows);
            check.fast.rmsNorm(x, w, 1e-5, y, r);
            check.exact.rmsNorm(check.wide(x), check.wide(w), 1e-5, yExact, rExact);
            Exactly.close("y", y, yExact, width);
            Exactly.close("r", r, rExact, width);
            for (Into into : Into.values()) {
                Tensor dx = check.random(dtype, rows, width);
                Tensor dw = check.random(DType.FLOAT32, width);
                Tensor dxExact = check.wide(dx);
                Tensor dwExact = check.wide(dw);
                check.fast.rmsNormGradient(dy, x, w, r, dx, into, Optional.of(dw));
                check.exact.rmsNormGradient(
                        check.wide(dy), check.wide(x), check.wide(w), rExact, dxExact, into, Optional.of(dwExact));
                Exactly.close("dx " + into, dx, dxExact, width);
                Exactly.close("dw", dw, dwExact, (long) rows * width);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"FLOAT32, 1, 7", "FLOAT32, 13, 207", "BFLOAT16, 13, 207", "BFLOAT16, 300, 64"})
    void layerNormAndItsGradientAgree(DType dtype, int rows, int width) {
        try (var check = new Exactly()) {
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
            check.fast.layerNorm(x, w, b, 1e-5, y, mean, r);
            check.exact.layerNorm(check.wide(x), check.wide(w), check.wide(b), 1e-5, yExact, meanExact, rExact);
            Exactly.close("y", y, yExact, width);
            Exactly.close("r", r, rExact, width);
            Tensor dx = check.random(dtype, rows, width);
            Tensor dw = check.random(DType.FLOAT32, width);
            Tensor db = check.random(DType.FLOAT32, width);
            Tensor dxExact = check.wide(dx);
            Tensor dwExact = check.wide(dw);
            Tensor dbExact = check.wide(db);
            check.fast.layerNormGradient(dy, x, w, mean, r, dx, Into.ACCUMULATE, Optional.of(dw), Optional.of(db));
            check.exact.layerNormGradient(
                    check.wide(dy),
                    check.wide(x),
                    check.wide(w),
                    meanExact,
                    rExact,
                    dxExact,
                    Into.ACCUMULATE,
                    Optional.of(dwExact),
                    Optional.of(dbExact));
            Exactly.close("dx", dx, dxExact, width);
            Exactly.close("dw", dw, dwExact, (long) rows * width);
            Exactly.close("db", db, dbExact, rows);
        }
    }

    @ParameterizedTest
    @CsvSource({"FLOAT32, 1, 1", "FLOAT32, 13, 207", "BFLOAT16, 13, 207", "BFLOAT16, 2, 5000"})
    void activationsAndTheirGradientsAgree(DType dtype, int rows, int width) {
        try (var check = new Exactly()) {
            Tensor gate = check.columns(dtype, rows, width);
            Tensor up = check.columns(dtype, rows, width);
            Tensor dy = check.random(dtype, rows, width);
            Tensor y = check.unwritten(dtype, rows, width);
            Tensor yExact = check.wide(rows, width);
            check.fast.swiGlu(gate, up, y);
            check.exact.swiGlu(check.wide(gate), check.wide(up), yExact);
            Exactly.close("swiGlu", y, yExact, 4);
            Tensor dgate = check.columns(dtype, rows, width);
            Tensor dup = check.columns(dtype, rows, width);
            Tensor dgateExact = check.wide(rows, width);
            Tensor dupExact = check.wide(rows, width);
            check.fast.swiGluGradient(dy, gate, up, dgate, dup);
            check.exact.swiGluGradient(check.wide(dy), check.wide(gate), check.wide(up), dgateExact, dupExact);
            Exactly.close("dgate", dgate, dgateExact, 4);
            Exactly.close("dup", dup, dupExact, 4);
            check.fast.gelu(gate, y);
            check.exact.gelu(check.wide(gate), yExact);
            Exactly.close("gelu", y, yExact, 4);
            check.fast.geluGradient(dy, gate, dgate);
            check.exact.geluGradient(check.wide(dy), check.wide(gate), dgateExact);
            Exactly.close("gelu gradient", dgate, dgateExact, 4);
        }
    }

    @ParameterizedTest
    @CsvSource({"FLOAT32, 5, 3, 2", "BFLOAT16, 13, 4, 6", "BFLOAT16, 70, 2, 64"})
    void ropeTurnsPartOfAWiderTensorAndNothingElse(DType dtype, int rows, int heads, int dim) {
        try (var check = new Exactly()) {
            Tensor table = check.random(DType.FLOAT32, 9, 2, dim / 2);
            Tensor positions = check.ids(9, rows);
            Tensor wide = check.random(dtype, rows, (long) heads * dim + 8);
            Tensor x = check.scope.own(wide.narrow(1, 4, (long) heads * dim));
            for (Rotation rotation : Rotation.values()) {
                Tensor exactWide = check.wide(wide);
                Tensor xExact = check.scope.own(exactWide.narrow(1, 4, (long) heads * dim));
                check.fast.rope(x, table, positions, rotation);
                check.exact.rope(xExact, check.wide(table), positions, rotation);
                Exactly.close("x " + rotation, wide, exactWide, 4);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"FLOAT32, 13, 207", "BFLOAT16, 13, 207", "BFLOAT16, 1, 100003", "BFLOAT16, 500, 33"})
    void additionsAgree(DType dtype, int rows, int width) {
        try (var check = new Exactly()) {
            Tensor x = check.random(dtype, rows, width);
            Tensor y = check.random(dtype, rows, width);
            Tensor columns = check.columns(dtype, rows, width);
            Tensor b = check.random(DType.FLOAT32, width);
            Tensor db = check.random(DType.FLOAT32, width);
            Tensor yExact = check.wide(y);
            Tensor columnsExact = check.wide(columns);
            Tensor dbExact = check.wide(db);
            check.fast.biasGradient(columns, db);
            check.exact.biasGradient(columnsExact, dbExact);
            Exactly.close("db", db, dbExact, rows);
            check.exact.add(check.wide(x), yExact);
            check.fast.add(x, y);
            Exactly.close("sum", y, yExact, 1);
            columnsExact.copyFrom(columns);
            yExact.copyFrom(y);
            check.fast.add(y, columns);
            check.exact.add(yExact, columnsExact);
            Exactly.close("sum in columns", columns, columnsExact, 1);
            columnsExact.copyFrom(columns);
            check.fast.addBias(columns, b);
            check.exact.addBias(columnsExact, check.wide(b));
            Exactly.close("bias", columns, columnsExact, 1);
            columnsExact.copyFrom(columns);
            check.fast.scale(columns, -0.3);
            check.exact.scale(columnsExact, -0.3);
            Exactly.close("scaled", columns, columnsExact, 1);
        }
    }

    @ParameterizedTest
    @CsvSource({"FLOAT32, 1, 1, 3", "FLOAT32, 500, 11, 70", "BFLOAT16, 7, 500, 33", "BFLOAT16, 2000, 3, 65"})
    void embeddingAndItsGradientAgreeWhereIdsRepeat(DType dtype, int rows, int vocab, int width) {
        try (var check = new Exactly()) {
            Tensor table = check.random(dtype, vocab, width);
            Tensor ids = check.ids(vocab, rows);
            Tensor out = check.unwritten(dtype, rows, width);
            Tensor outExact = check.wide(rows, width);
            check.fast.embedding(table, ids, out);
            check.exact.embedding(check.wide(table), ids, outExact);
            Exactly.close("out", out, outExact, 1);
            for (DType type : new DType[] {DType.FLOAT32, dtype}) {
                Tensor dtable = check.random(type, vocab, width);
                Tensor dtableExact = check.wide(dtable);
                check.fast.embeddingGradient(out, ids, dtable);
                check.exact.embeddingGradient(outExact, ids, dtableExact);
                Exactly.close("dtable " + type, dtable, dtableExact, rows);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"FLOAT32, 1, 2, 3", "FLOAT32, 13, 34, 207", "BFLOAT16, 13, 34, 207", "BFLOAT16, 70, 64, 1000"})
    void headAgreesAndIgnoresWhatItShould(DType dtype, int rows, int hidden, int vocab) {
        try (var check = new Exactly()) {
            Tensor x = check.random(dtype, rows, hidden);
            Tensor w = check.random(dtype, vocab, hidden);
            Tensor targets = check.ids(vocab, rows);
            if (rows > 1) {
                targets.segment().setAtIndex(ValueLayout.JAVA_LONG, 1, Kernels.IGNORED);
            }
            Tensor losses = check.unwritten(DType.FLOAT32, rows);
            Tensor lossesExact = check.wide(rows);
            Tensor dx = check.unwritten(dtype, rows, hidden);
            Tensor dw = check.random(DType.FLOAT32, vocab, hidden);
            Tensor dxExact = check.wide(rows, hidden);
            Tensor dwExact = check.wide(dw);
            check.fast.linearCrossEntropy(
                    x, w, targets, losses, Optional.of(new HeadGradients(0.37, dx, Optional.of(dw))));
            check.exact.linearCrossEntropy(
                    check.wide(x),
                    check.wide(w),
                    targets,
                    lossesExact,
                    Optional.of(new HeadGradients(0.37, dxExact, Optional.of(dwExact))));
            // Logits of this size are rounded to a part in 256, and the loss is their difference.
            double part = dtype == DType.BFLOAT16 ? 4 * 0x1p-8 : 0x1p-19;
            Exactly.near("losses", losses, lossesExact, part);
            Exactly.near("dx", dx, dxExact, 4 * part);
            Exactly.near("dw", dw, dwExact, 4 * part);
            Tensor alone = check.unwritten(DType.FLOAT32, rows);
            check.fast.linearCrossEntropy(x, w, targets, alone, Optional.empty());
            assertThat(alone.toFloats()).isEqualTo(losses.toFloats());
        }
    }

    @ParameterizedTest
    @CsvSource({"FLOAT32, 1", "FLOAT32, 100003", "BFLOAT16, 5000"})
    void adamStepsAgree(DType gradientType, int n) {
        try (var check = new Exactly()) {
            Tensor w = check.random(DType.FLOAT32, n);
            Tensor g = check.random(gradientType, n);
            Tensor m = check.random(DType.FLOAT32, n);
            Tensor v = check.random(DType.FLOAT32, n);
            check.fast.scale(v, 0);
            check.fast.add(check.scope.own(absolute(m)), v);
            Tensor copy = check.unwritten(DType.BFLOAT16, n);
            Tensor wExact = check.wide(w);
            Tensor mExact = check.wide(m);
            Tensor vExact = check.wide(v);
            var step = new AdamStep(0.01, 0.9, 0.95, 1e-8, 0.1, 0.7, 3);
            check.fast.adamW(w, g, m, v, step, Optional.of(copy));
            check.exact.adamW(wExact, check.wide(g), mExact, vExact, step, Optional.empty());
            Exactly.close("m", m, mExact, 4);
            Exactly.close("v", v, vExact, 4);
            Exactly.close("w", w, wExact, 4);
            Exactly.close("copy", copy, w, 1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 64, 203})
    void momentsThatNoGradientFeedsEndAtZero(int n) {
        try (var check = new Exactly()) {
            Tensor w = check.random(DType.FLOAT32, n);
            Tensor g = check.unwritten(DType.FLOAT32, n);
            g.zero();
            float[] tiny = new float[n];
            Arrays.fill(tiny, 1.2f * Float.MIN_NORMAL);
            Tensor m = check.scope.own(Tensor.of(tiny, n));
            Tensor v = check.scope.own(Tensor.of(tiny, n));
            var step = new AdamStep(0.01, 0.9, 0.95, 1e-8, 0.1, 1, 3);
            for (int i = 0; i < 6; i++) {
                check.fast.adamW(w, g, m, v, step, Optional.empty());
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
        try (var check = new Exactly()) {
            Tensor x = check.random(dtype, n);
            double exact = check.exact.sumOfSquares(check.wide(x));
            assertThat(check.fast.sumOfSquares(x))
                    .isCloseTo(exact, org.assertj.core.data.Percentage.withPercentage(1e-9));
        }
    }

    @Test
    void nanReachesLossAndGradientNorm() {
        try (var check = new Exactly()) {
            Tensor x = check.random(DType.BFLOAT16, 3, 64);
            Tensor y = check.unwritten(DType.BFLOAT16, 3, 64);
            Tensor r = check.unwritten(DType.FLOAT32, 3);
            x.segment().setAtIndex(ValueLayout.JAVA_SHORT, 5, (short) 0x7FC0);
            Tensor w = check.random(DType.FLOAT32, 64);
            check.fast.rmsNorm(x, w, 1e-5, y, r);
            assertThat(y.toFloats()[0]).isNaN();
            assertThat(check.fast.sumOfSquares(y)).isNaN();
            Tensor losses = check.unwritten(DType.FLOAT32, 3);
            check.fast.linearCrossEntropy(
                    y, check.random(DType.BFLOAT16, 70, 64), check.ids(70, 3), losses, Optional.empty());
            assertThat(losses.toFloats()[0]).isNaN();
            assertThat(losses.toFloats()[1]).isNotNaN();
        }
    }

    @Test
    void sameNumbersEveryTime() {
        try (var check = new Exactly()) {
            Tensor x = check.random(DType.BFLOAT16, 700, 96);
            Tensor w = check.random(DType.BFLOAT16, 1000, 96);
            Tensor targets = check.ids(1000, 700);
            float[] first = gradient(check, x, w, targets);
            for (int i = 0; i < 5; i++) {
                assertThat(gradient(check, x, w, targets)).isEqualTo(first);
            }
        }
    }

    private static float[] gradient(Exactly check, Tensor x, Tensor w, Tensor targets) {
        Tensor dw = check.scope.own(Tensor.zeros(DType.FLOAT32, Device.CPU, 1000, 96));
        Tensor dx = check.unwritten(DType.BFLOAT16, 700, 96);
        Tensor losses = check.unwritten(DType.FLOAT32, 700);
        check.fast.linearCrossEntropy(x, w, targets, losses, Optional.of(new HeadGradients(1, dx, Optional.of(dw))));
        return dw.toFloats();
    }
}
