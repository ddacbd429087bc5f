package dev.cria.spark;

import java.io.Serializable;

/**
 * What the scan for duplicates found in a block.
 *
 * @param first the number of its first document
 * @param kept for each document whether the filters let it through as it came
 * @param keys for each document its hashes, none for one that does not stay
 */
record ScannedBlock(long first, boolean[] kept, long[][] keys) implements Serializable {

    int documents() {
        return kept.length;
    }
}
