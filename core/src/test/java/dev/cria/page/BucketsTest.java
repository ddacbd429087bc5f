package dev.cria.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class BucketsTest {
    private static List<Point> zigzag(int count) {
        return IntStream.range(0, count).mapToObj(i -> new Point(i, i % 2)).toList();
    }

    @Test
    void fewPointsStayAsTheyAre() {
        assertThat(Buckets.means(zigzag(13), 13)).isEqualTo(zigzag(13));
    }

    @Test
    void everyPointIsInOneBucket() {
        List<Point> means = Buckets.means(zigzag(207), 13);
        assertThat(means).hasSize(14);
        assertThat(means.getFirst()).isEqualTo(new Point(0, 0));
        assertThat(means.stream().skip(1).mapToDouble(Point::x)).isSorted();
    }

    @Test
    void envelopeNeverCutsASpike() {
        List<Point> spike = IntStream.range(0, 4098)
                .mapToObj(i -> new Point(i, i == 1234 ? 99 : 1))
                .toList();
        assertThat(Buckets.envelope(spike, 100).stream().mapToDouble(Point::y).max())
                .hasValue(99);
    }
}
