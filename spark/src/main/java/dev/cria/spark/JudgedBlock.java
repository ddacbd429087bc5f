package dev.cria.spark;

import dev.cria.data.prepare.Tally;
import java.io.Serializable;

/**
 * What became of a block.
 *
 * @param tokens of the documents that stay, in their order and as a shard has them
 */
record JudgedBlock(byte[] tokens, Tally.Snapshot tally) implements Serializable {}
