package dev.cria.spark;

import org.apache.spark.Partitioner;

/** Sends runs of tokens, by the place of their first one in the whole stream, to the shards that they belong to. */
final class ByShard extends Partitioner {
    private static final long serialVersionUID = 1L;

    private final long shardTokens;
    private final int shards;

    ByShard(long shardTokens, int shards) {
        this.shardTokens = shardTokens;
        this.shards = shards;
    }

    @Override
    public int numPartitions() {
        return shards;
    }

    @Override
    public int getPartition(Object place) {
        return (int) ((Long) place / shardTokens);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ByShard by && by.shardTokens == shardTokens && by.shards == shards;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(shardTokens) * 31 + shards;
    }
}
