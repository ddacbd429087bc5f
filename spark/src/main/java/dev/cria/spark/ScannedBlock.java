package dev.cria.spark;

import dev.cria.data.prepare.Curation.Finding;
import java.io.Serializable;

/**
 * What the scan for duplicates found in a block.
 *
 * @param first the number of its first document
 * @param findings for each document what the filters said
 * @param keys for each document its hashes, none for one that does not stay
 */
record ScannedBlock(long first, Finding[] findings, long[][] keys) implements Serializable {

    int documents() {
        return findings.length;
    }
}
