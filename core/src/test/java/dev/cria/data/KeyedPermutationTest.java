package dev.cria.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeyedPermutationTest {

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 13, 16, 17, 207, 4096, 4098, 65_537, 1_000_000})
    void everyElementComesOnce(long size) {
        for (long epoch = 0; epoch < 3; epoch++) {
            KeyedPermutation permutation = new KeyedPermutation(1337, epoch, size);
            BitSet seen = new BitSet();
            for (long i = 0; i < size; i++) {
                seen.set((int) permutation.apply(i));
            }
            assertThat(seen.cardinality()).isEqualTo((int) size);
            assertThat(seen.length()).isEqualTo((int) size);
        }
    }

    @Test
    void seedsAndEpochsGiveUnrelatedOrders() {
        long size = 1000;
        KeyedPermutation first = new KeyedPermutation(1, 0, size);
        for (KeyedPermutation other : new KeyedPermutation[] {
            new KeyedPermutation(1, 1, size), new KeyedPermutation(2, 0, size), new KeyedPermutation(0, 1, size)
        }) {
            long same = 0;
            for (long i = 0; i < size; i++) {
                same += first.apply(i) == other.apply(i) ? 1 : 0;
            }
            // Two random permutations share one element on average; 10 would come once in ten million times.
            assertThat(same).isLessThan(10);
        }
    }

    /** Where element 0 of ten goes over many epochs: a chi-square of 9 degrees is below 33.7 but once in ten thousand. */
    @Test
    void everyPlaceIsAsLikely() {
        int epochs = 20_000;
        for (long element = 0; element < 10; element += 3) {
            double[] places = new double[10];
            for (int epoch = 0; epoch < epochs; epoch++) {
                places[(int) new KeyedPermutation(5, epoch, 10).apply(element)]++;
            }
            double chiSquare = 0;
            for (double n : places) {
                chiSquare += (n - epochs / 10.0) * (n - epochs / 10.0) / (epochs / 10.0);
            }
            assertThat(chiSquare).isLessThan(33.7);
        }
    }

    /** Neighbours must not stay neighbours: training would see a document's windows in a row. */
    @Test
    void neighboursAreTornApart() {
        long size = 100_003;
        KeyedPermutation permutation = new KeyedPermutation(3, 0, size);
        double distance = 0;
        for (long i = 0; i + 1 < size; i++) {
            distance += Math.abs(permutation.apply(i) - permutation.apply(i + 1));
        }
        assertThat(distance / size / size).isBetween(0.32, 0.35);
    }
}
