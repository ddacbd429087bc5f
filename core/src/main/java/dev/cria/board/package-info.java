/**
 * All runs below a directory, as a board shows them while they grow: curves in buckets, states, what is wrong. Open Board first.
 */
@NullMarked
package dev.cria.board;

import org.jspecify.annotations.NullMarked;
