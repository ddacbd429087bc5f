/**
 * libtorch itself: loading it, calling it, its collectives and its key-value store. Nothing of it shows outside tensor
 * but Libraries, Collectives and SharedStore.
 */
@NullMarked
package dev.cria.tensor.library;

import org.jspecify.annotations.NullMarked;
