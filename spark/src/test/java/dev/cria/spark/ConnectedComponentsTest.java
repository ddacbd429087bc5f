package dev.cria.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

final class ConnectedComponentsTest {
    private final SparkSession spark = LocalSpark.session();

    @Test
    void everyMemberLearnsTheSmallestOfItsCluster() {
        List<long[]> edges = new ArrayList<>();
        // A chain in the worst order, a star, a pair, and random edges among 200 documents above them.
        for (long i = 40; i > 1; i--) {
            edges.add(new long[] {i, i - 1});
        }
        for (long i = 51; i < 58; i++) {
            edges.add(new long[] {i, 50});
        }
        edges.add(new long[] {71, 70});
        Random random = new Random(11);
        for (int i = 0; i < 130; i++) {
            long a = 100 + random.nextInt(200);
            long b = 100 + random.nextInt(200);
            if (a != b) {
                edges.add(new long[] {Math.max(a, b), Math.min(a, b)});
            }
        }
        assertThat(stars(edges)).isEqualTo(smallestOfEach(edges));
    }

    @Test
    void withoutEdgesThereAreNoClusters() {
        assertThat(stars(List.of())).isEmpty();
    }

    private Map<Long, Long> stars(List<long[]> edges) {
        List<Row> rows = edges.stream().map(e -> RowFactory.create(e[0], e[1])).toList();
        Map<Long, Long> found = new TreeMap<>();
        for (Row row : ConnectedComponents.stars(
                        spark,
                        spark.createDataFrame(rows, ConnectedComponents.EDGES).distinct())
                .collectAsList()) {
            assertThat(found.put(row.getLong(0), row.getLong(1))).isNull();
        }
        return found;
    }

    /** By lowering labels until none can be lowered. */
    private static Map<Long, Long> smallestOfEach(List<long[]> edges) {
        Map<Long, Long> labels = new TreeMap<>();
        edges.forEach(e -> {
            labels.put(e[0], e[0]);
            labels.put(e[1], e[1]);
        });
        boolean changed = true;
        while (changed) {
            changed = false;
            for (long[] edge : edges) {
                long least = Math.min(labels.get(edge[0]), labels.get(edge[1]));
                changed |= labels.put(edge[0], least) != least | labels.put(edge[1], least) != least;
            }
        }
        labels.entrySet().removeIf(e -> e.getKey().equals(e.getValue()));
        return labels;
    }
}
