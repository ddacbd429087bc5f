/**
 * Sampling and decoding with a key-value cache.
 */
@NullMarked
package dev.cria.generate;

import org.jspecify.annotations.NullMarked;
