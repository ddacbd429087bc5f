/**
 * Files of other programs: safetensors, npy, Hugging Face directories, GGUF, the hub. Knows bytes and shapes,
 * not tensors.
 */
@NullMarked
package dev.cria.format;

import org.jspecify.annotations.NullMarked;
