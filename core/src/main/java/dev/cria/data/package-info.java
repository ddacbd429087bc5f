/**
 * From sources through filters and deduplication to token shards, and from shards through windows to batches.
 */
@NullMarked
package dev.cria.data;

import org.jspecify.annotations.NullMarked;
