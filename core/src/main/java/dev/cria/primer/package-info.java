/**
 * The embedded corpus: lessons, benchmarks and instructions written from WordNet, the same for the same seed.
 */
@NullMarked
package dev.cria.primer;

import org.jspecify.annotations.NullMarked;
