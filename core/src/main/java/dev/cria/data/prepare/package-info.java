/**
 * Raw text to token shards: filters, deduplication, tokenising and shards in one restartable piece of work, whose
 * result is the same bytes for any number of workers and kills. Open Prepare first.
 */
@NullMarked
package dev.cria.data.prepare;

import org.jspecify.annotations.NullMarked;
