package dev.cria.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Copies without libtorch give what its own copy gives. */
final class HostCopyTest {

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, FLOAT32, 13, 207",
        "FLOAT32, BFLOAT16, 13, 207",
        "BFLOAT16, FLOAT32, 1, 3",
        "BFLOAT16, BFLOAT16, 2000, 1031",
        "FLOAT32, BFLOAT16, 1100, 1031",
        "FLOAT16, FLOAT32, 13, 207"
    })
    void convertsAsLibtorchDoes(DType from, DType to, int rows, int width) {
        try (var check = new KernelCheck()) {
            Tensor source = check.random(from, rows, width);
            Tensor ours = check.unwritten(to, rows, width);
            Tensor theirs = check.unwritten(to, rows, width);
            assertThat(HostCopy.fits(source, ours)).isEqualTo(from != DType.FLOAT16);
            ours.copyFrom(source);
            theirs.raw().copy_(source.raw());
            assertThat(ours.toFloats()).isEqualTo(theirs.toFloats());
        }
    }

    @Test
    void stridedPartsOfCachesReachTheirPlacesAndNoOthers() {
        try (var check = new KernelCheck()) {
            Tensor cache = check.random(DType.BFLOAT16, 3, 7, 10);
            Tensor expected = check.scope.own(cache.to(DType.BFLOAT16));
            Tensor fresh = check.columns(DType.BFLOAT16, 6, 10);
            Tensor rows = check.scope.own(fresh.splitRows(3, 2));
            Tensor place = check.scope.own(cache.narrow(1, 4, 2));
            assertThat(HostCopy.fits(rows, place)).isTrue();
            place.copyFrom(rows);
            check.scope.own(expected.narrow(1, 4, 2)).raw().copy_(rows.raw());
            assertThat(cache.toFloats()).isEqualTo(expected.toFloats());
        }
    }

    @Test
    void zerosAllAndNothingBeside() {
        try (var check = new KernelCheck()) {
            Tensor whole = check.random(DType.FLOAT32, 3, 400_000);
            float before = whole.toFloats()[2 * 400_000];
            check.scope.own(whole.rows(0, 2)).zero();
            float[] after = whole.toFloats();
            assertThat(after[0]).isZero();
            assertThat(after[2 * 400_000 - 1]).isZero();
            assertThat(after[2 * 400_000]).isEqualTo(before).isNotZero();
        }
    }

    @Test
    void libtorchSeesTheSameMemoryThroughViews() {
        try (var check = new KernelCheck()) {
            Tensor x = check.random(DType.FLOAT32, 4, 6);
            Tensor turned = check.scope.own(check.scope.own(x.narrow(1, 1, 3)).transposed());
            float[] all = x.toFloats();
            float[] part = turned.toFloats();
            for (int i = 0; i < 3; i++) {
                for (int j = 0; j < 4; j++) {
                    assertThat(part[i * 4 + j]).isEqualTo(all[j * 6 + 1 + i]);
                }
            }
            turned.raw().zero_();
            assertThat(x.toFloats()[1]).isZero();
            assertThat(x.toFloats()[0]).isEqualTo(all[0]);
        }
    }
}
