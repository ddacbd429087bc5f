package dev.cria.spark;

import java.io.Serializable;

/**
 * Neighbouring blocks of one file.
 *
 * @param path as Hadoop writes it
 * @param name as the user knows it
 * @param firstBlock how many blocks of the file lie before
 * @param blocks how many, all that follow if {@link #ALL}
 * @param bytes of input that they stand for
 */
record Piece(String path, String name, int firstBlock, int blocks, long bytes) implements Serializable {
    static final int ALL = Integer.MAX_VALUE;
}
