/**
 * The curation of {@code dev.cria.data} as a Spark job: the same functions of each document, the same shards, on many
 * machines and any Hadoop file system. Holds what a cluster needs besides: who reads what, clusters of duplicates as
 * connected components, tokens sent to their shards. Open CurationJob first.
 */
@NullMarked
package dev.cria.spark;

import org.jspecify.annotations.NullMarked;
