package dev.cria.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;

import dev.cria.data.dedup.Dedup;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.Tuple2;

/**
 * Finds the documents that say what an earlier one said. Those with an equal key in the same place (see
 * {@link Dedup#keysOf}) are alike; each such group is a star around its first document, and the stars that share
 * documents join to clusters.
 */
final class DuplicateSearch {
    private static final StructType KEYS = new StructType()
            .add("place", DataTypes.IntegerType, false)
            .add("key", DataTypes.LongType, false)
            .add("document", DataTypes.LongType, false);

    private DuplicateSearch() {}

    /** A row for each duplicate: itself, and the first document of its cluster. */
    static Dataset<Row> run(SparkSession spark, JavaRDD<ScannedBlock> scanned) {
        JavaRDD<Row> rows = scanned.flatMap(block -> IntStream.range(0, block.keys().length)
                .boxed()
                .flatMap(i -> IntStream.range(0, block.keys()[i].length)
                        .mapToObj(place -> RowFactory.create(place, block.keys()[i][place], block.first() + i)))
                .iterator());
        Dataset<Row> keys = spark.createDataFrame(rows, KEYS);
        // Groups first and then a join, not a window over each group: a key that millions of documents share, such as
        // that of a page without words, is counted in parts, and adaptive execution splits its side of the join.
        Dataset<Row> groups = keys.groupBy("place", "key")
                .agg(min("document").as("smaller"), count(lit(1)).as("members"))
                .where("members > 1")
                .drop("members");
        Dataset<Row> edges = keys.join(groups, new String[] {"place", "key"})
                .where("document > smaller")
                .select(col("document").as("larger"), col("smaller"))
                .distinct();
        return ConnectedComponents.stars(spark, edges);
    }

    /** How many clusters of each size there are. */
    static SortedMap<Integer, Long> clusterSizes(Dataset<Row> duplicates) {
        SortedMap<Integer, Long> sizes = new TreeMap<>();
        duplicates
                .groupBy("smaller")
                .count()
                .groupBy("count")
                .agg(count(lit(1)).as("clusters"))
                .collectAsList()
                .forEach(row -> sizes.put((int) row.getLong(0) + 1, row.getLong(1)));
        return sizes;
    }

    /** Each duplicate with the portion that it lies in, the number of the first of its cluster, and sorted. */
    static JavaRDD<Tuple2<Long, Long>> byPortion(Dataset<Row> duplicates, int portions) {
        return duplicates
                .toJavaRDD()
                .mapToPair(row -> new Tuple2<>(row.getLong(0), row.getLong(1)))
                .repartitionAndSortWithinPartitions(new ByPortion(portions))
                .map(pair -> new Tuple2<>(pair._1(), pair._2()));
    }
}
