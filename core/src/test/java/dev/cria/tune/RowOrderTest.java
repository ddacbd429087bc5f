package dev.cria.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.data.KeyedPermutation;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RowOrderTest {
    private static final List<Integer> FILES = List.of(10, 3, 27);

    private static List<Integer> places(RowOrder order, long from, long to) {
        return LongStream.range(from, to).mapToInt(order::at).boxed().toList();
    }

    @Test
    void withoutWeightsEachRowComesOnceARound() {
        RowOrder inOrder = RowOrder.of(FILES, List.of(), false, 7);
        assertThat(places(inOrder, 0, 40))
                .isEqualTo(IntStream.range(0, 40).boxed().toList());
        assertThat(inOrder.at(41)).isEqualTo(1);
        RowOrder shuffled = RowOrder.of(FILES, List.of(), true, 7);
        var second = new KeyedPermutation(7, 1, 40);
        assertThat(places(shuffled, 40, 80))
                .isEqualTo(LongStream.range(0, 40)
                        .mapToObj(i -> (int) second.apply(i))
                        .toList());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void withWeightsEachFileHasItsShareAndItsRowsComeEquallyOften(boolean shuffled) {
        RowOrder order = RowOrder.of(FILES, List.of(1.0, 2.0, 1.0), shuffled, 7);
        assertThat(order.shares()).containsExactly(10, 20, 10);
        int[] times = new int[40];
        for (int round = 0; round < 27; round++) {
            List<Integer> rows = places(order, 40L * round, 40L * (round + 1));
            assertThat(rows.stream().filter(row -> row >= 10 && row < 13)).hasSize(20);
            rows.forEach(row -> times[row]++);
        }
        assertThat(IntStream.range(0, 10).map(i -> times[i])).containsOnly(27);
        assertThat(IntStream.range(10, 13).map(i -> times[i])).containsOnly(180);
        assertThat(IntStream.range(13, 40).map(i -> times[i])).containsOnly(10);
    }

    @Test
    void sharesAreWholeAndNoFileIsLeftOut() {
        assertThat(RowOrder.of(FILES, List.of(1.0, 1.0, 1.0), true, 7).shares()).containsExactly(14, 13, 13);
        assertThat(RowOrder.of(FILES, List.of(1e-9, 1e-9, 5.0), true, 7).shares())
                .containsExactly(1, 1, 38);
        assertThat(RowOrder.of(List.of(1, 1), List.of(1000.0, 1.0), true, 7).shares())
                .containsExactly(1, 1);
        assertThatThrownBy(() -> RowOrder.of(List.of(3, 0), List.of(1.0, 1.0), true, 7))
                .isInstanceOf(RequestException.class)
                .hasMessage("file 2 of data.files has a weight, and no row of it is left");
    }
}
