package dev.cria.parallel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.parallel.PartialSums.Order;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a tree in plain Java, to the bit. */
final class PartialSumsTest {
    private static final int WIDTH = 207;

    private final Kernels kernels = Kernels.of(Device.CPU, Kernels.Choice.AUTO);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 7, 13, 16})
    void leavesThatComeOneAfterTheOtherAreAddedAsATree(int leaves) {
        float[][] numbers = numbers(leaves);
        assertThat(inTime(numbers)).isEqualTo(tree(numbers, 0, leaves));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 6, 8})
    void leavesThatLieOneBehindTheOtherAreAddedAsATree(int leaves) {
        float[][] numbers = numbers(leaves);
        assertThat(inSpace(numbers)).isEqualTo(tree(numbers, 0, leaves));
    }

    /** A rank's own micro-batches first, then the ranks; or the ranks first, at each of their micro-batches. */
    @ParameterizedTest
    @CsvSource({"16, 2", "16, 4", "16, 16", "12, 3", "12, 6", "24, 3"})
    void ranksThatHaveBranchesOfTheTreeGetTheSumOfOne(int leaves, int ranks) {
        float[][] numbers = numbers(leaves);
        int each = leaves / ranks;
        float[][] sums = new float[ranks][];
        for (int r = 0; r < ranks; r++) {
            sums[r] = inTime(Arrays.copyOfRange(numbers, r * each, (r + 1) * each));
        }
        assertThat(inSpace(sums)).isEqualTo(inTime(numbers));
    }

    @ParameterizedTest
    @CsvSource({"16, 2", "12, 4", "10, 2", "3, 3"})
    void roundsOfRanksAreBranchesOfTheTreeToo(int leaves, int ranks) {
        float[][] numbers = numbers(leaves);
        float[][] rounds = new float[leaves / ranks][];
        for (int k = 0; k < rounds.length; k++) {
            rounds[k] = inSpace(Arrays.copyOfRange(numbers, k * ranks, (k + 1) * ranks));
        }
        assertThat(inTime(rounds)).isEqualTo(inTime(numbers));
    }

    @Test
    void anotherOrderGivesOtherBits() {
        float[][] numbers = numbers(16);
        float[] sequence = numbers[0].clone();
        for (int i = 1; i < numbers.length; i++) {
            sequence = sum(sequence, numbers[i]);
        }
        assertThat(inTime(numbers)).isNotEqualTo(sequence);
    }

    @ParameterizedTest
    @EnumSource(Order.class)
    void aStepBeginsWithNothingOfTheOneBefore(Order order) {
        float[][] numbers = numbers(5);
        try (var sums = new PartialSums(kernels, order)) {
            float[] first = run(sums, numbers);
            sums.clear();
            assertThat(run(sums, numbers)).isEqualTo(first);
        }
    }

    @Test
    void aSequenceHoldsOneSum() {
        try (var sums = new PartialSums(kernels, Order.SEQUENCE);
                var tree = new PartialSums(kernels, Order.TREE)) {
            run(sums, numbers(16));
            run(tree, numbers(16));
            assertThat(sums.bytes()).isEqualTo(4 * WIDTH);
            assertThat(tree.bytes()).isEqualTo(4 * 4 * WIDTH);
        }
    }

    private float[] inTime(float[][] numbers) {
        try (var sums = new PartialSums(kernels, Order.TREE)) {
            return run(sums, numbers);
        }
    }

    private static float[] run(PartialSums sums, float[][] numbers) {
        for (int i = 0; i < numbers.length - 1; i++) {
            try (Tensor leaf = Tensor.of(numbers[i], WIDTH)) {
                sums.push(leaf);
            }
        }
        try (Tensor last = Tensor.of(numbers[numbers.length - 1], WIDTH);
                Tensor left = last.rows(0, 13);
                Tensor right = last.rows(13, WIDTH - 13)) {
            sums.addTo(left, 0);
            sums.addTo(right, 13);
            return last.toFloats();
        }
    }

    private float[] inSpace(float[][] numbers) {
        try (Tensor all = Tensor.empty(DType.FLOAT32, Device.CPU, (long) numbers.length * WIDTH)) {
            for (int i = 0; i < numbers.length; i++) {
                try (Tensor row = all.rows((long) i * WIDTH, WIDTH);
                        Tensor given = Tensor.of(numbers[i], WIDTH)) {
                    row.copyFrom(given);
                }
            }
            PartialSums.sum(kernels, all, numbers.length);
            return Arrays.copyOf(all.toFloats(), WIDTH);
        }
    }

    /** The left branch has the largest power of two below the number of leaves. */
    private static float[] tree(float[][] numbers, int first, int count) {
        if (count == 1) {
            return numbers[first];
        }
        int left = 1;
        while (2 * left < count) {
            left *= 2;
        }
        return sum(tree(numbers, first, left), tree(numbers, first + left, count - left));
    }

    private static float[] sum(float[] a, float[] b) {
        float[] sum = new float[a.length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = a[i] + b[i];
        }
        return sum;
    }

    private static float[][] numbers(int leaves) {
        var random = new SplittableRandom(leaves);
        float[][] numbers = new float[leaves][WIDTH];
        for (float[] row : numbers) {
            for (int i = 0; i < row.length; i++) {
                row[i] = (float) random.nextGaussian();
            }
        }
        return numbers;
    }
}
