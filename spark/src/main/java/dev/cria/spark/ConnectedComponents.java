package dev.cria.spark;

import static org.apache.spark.sql.functions.bit_xor;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.xxhash64;

import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * Joins documents that are alike, and their friends' friends, to clusters: each gets the smallest number of its cluster.
 *
 * <p>Turns by turns, every document passes the smallest neighbour that it knows to its larger neighbours (large star)
 * and to its smaller ones (small star), until nothing changes and each cluster is a star around its smallest number.
 * The number of turns grows with the square of the logarithm of a cluster's size; no machine ever holds all edges, as
 * one with a union-find would.
 *
 * @see "Kiveris, Lattanzi, Mirrokni, Rastogi and Vassilvitskii 2014, Connected Components in MapReduce and Beyond"
 */
final class ConnectedComponents {
    /** The larger and the smaller document of an edge. */
    static final StructType EDGES =
            new StructType().add("larger", DataTypes.LongType, false).add("smaller", DataTypes.LongType, false);

    private static final String LARGER = "larger";
    private static final String SMALLER = "smaller";
    private static final String LEAST = "least";

    private ConnectedComponents() {}

    /** A row for each document that is not the smallest of its cluster, with the one that is. */
    static Dataset<Row> stars(SparkSession spark, Dataset<Row> edges) {
        Dataset<Row> current = edges;
        Row before = fingerprint(current);
        JavaRDD<Row> last = current.toJavaRDD();
        while (true) {
            JavaRDD<Row> turned = smallStar(largeStar(current)).toJavaRDD().persist(StorageLevel.DISK_ONLY());
            // Back and forth through an RDD: the plan of the next turn begins here, and not with the first turn.
            current = spark.createDataFrame(turned, EDGES);
            Row now = fingerprint(current);
            last.unpersist();
            last = turned;
            if (now.equals(before)) {
                return current;
            }
            before = now;
        }
    }

    private static Row fingerprint(Dataset<Row> edges) {
        return edges.agg(count(lit(1)), bit_xor(xxhash64(col(LARGER), col(SMALLER))))
                .head();
    }

    private static Dataset<Row> largeStar(Dataset<Row> edges) {
        Dataset<Row> both = edges.select(col(LARGER).as("node"), col(SMALLER).as("other"))
                .union(edges.select(col(SMALLER).as("node"), col(LARGER).as("other")));
        Dataset<Row> leasts = both.groupBy("node").agg(min("other").as(LEAST));
        return both.join(leasts, "node")
                .where("other > node")
                .select(col("other").as(LARGER), least(col(LEAST), col("node")).as(SMALLER))
                .distinct();
    }

    private static Dataset<Row> smallStar(Dataset<Row> edges) {
        Dataset<Row> leasts = edges.groupBy(LARGER).agg(min(SMALLER).as(LEAST));
        return edges.join(leasts, LARGER)
                .where("smaller <> least")
                .select(col(SMALLER).as(LARGER), col(LEAST).as(SMALLER))
                .union(leasts.select(col(LARGER), col(LEAST).as(SMALLER)))
                .distinct();
    }
}
