package dev.cria.spark;

import org.apache.spark.Partitioner;

/** Sends documents to the portions of the input that they came from. */
final class ByPortion extends Partitioner {
    private static final long serialVersionUID = 1L;

    private final int portions;

    ByPortion(int portions) {
        this.portions = portions;
    }

    @Override
    public int numPartitions() {
        return portions;
    }

    @Override
    public int getPartition(Object document) {
        return DocumentNumber.portion((Long) document);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ByPortion by && by.portions == portions;
    }

    @Override
    public int hashCode() {
        return portions;
    }
}
