/**
 * Which documents say the same: exact and near duplicates, found by hashes that spill to disk, joined to clusters of
 * which one document stays. Open Duplicates first.
 */
@NullMarked
package dev.cria.data.dedup;

import org.jspecify.annotations.NullMarked;
