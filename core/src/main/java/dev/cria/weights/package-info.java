/**
 * Models as files: Hugging Face directories read, written, exported and quantized, and GGUF files. Nothing here computes;
 * open Models first.
 */
@NullMarked
package dev.cria.weights;

import org.jspecify.annotations.NullMarked;
