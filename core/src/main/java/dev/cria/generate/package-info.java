/**
 * Sampling and decoding: an open model, ids in, ids out. Knows no files and no text. Open Generator first.
 */
@NullMarked
package dev.cria.generate;

import org.jspecify.annotations.NullMarked;
