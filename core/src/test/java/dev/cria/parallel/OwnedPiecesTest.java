package dev.cria.parallel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.nn.Parameter;
import dev.cria.nn.ParameterSpec;
import dev.cria.nn.Parameters;
import dev.cria.nn.Parameters.Storage;
import dev.cria.parallel.Buckets.Bucket;
import dev.cria.parallel.OwnedPieces.Piece;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OwnedPiecesTest {
    private static final List<ParameterSpec> SPECS = List.of(
            ParameterSpec.matrix("a", 7, 11, 1), ParameterSpec.vector("b", 5, 1), ParameterSpec.matrix("c", 13, 3, 1));
    private static final int[] OWNERS = {1, 0, 2};

    /** What every rank gets of what one rank sends is, put together, what was sent. */
    @ParameterizedTest
    @ValueSource(longs = {1, 10, 64, 1000})
    void whatIsPackedForEachRankIsUnpackedWhereItWas(long most) {
        var storage = Storage.training(DType.FLOAT32, DType.FLOAT32);
        try (var from = Parameters.allocate(SPECS, Device.CPU, storage);
                var to = Parameters.allocate(SPECS, Device.CPU, storage)) {
            from.list().forEach(OwnedPiecesTest::count);
            for (Piece piece : OwnedPieces.of(new Bucket(0, 3, 0, 192), from.list(), OWNERS, most)) {
                long[] counts = piece.counts(3);
                long all = Arrays.stream(counts).sum();
                assertThat(all).isLessThanOrEqualTo(most);
                try (Tensor packed = Tensor.empty(DType.FLOAT32, Device.CPU, all)) {
                    piece.pack(from.list(), packed);
                    long start = 0;
                    for (int rank = 0; rank < 3; rank++) {
                        try (Tensor mine = packed.rows(start, counts[rank])) {
                            piece.unpack(
                                    mine, rank, i -> to.list().get(i).gradient().orElseThrow());
                        }
                        start += counts[rank];
                    }
                }
            }
            for (int i = 0; i < SPECS.size(); i++) {
                assertThat(to.list().get(i).gradient().orElseThrow().toFloats())
                        .isEqualTo(from.list().get(i).gradient().orElseThrow().toFloats());
            }
        }
    }

    private static void count(Parameter parameter) {
        float[] numbers = new float[(int) parameter.elements()];
        IntStream.range(0, numbers.length).forEach(i -> numbers[i] = 1 + i);
        try (Tensor given = Tensor.of(numbers, parameter.spec().shape())) {
            parameter.gradient().orElseThrow().copyFrom(given);
        }
    }
}
