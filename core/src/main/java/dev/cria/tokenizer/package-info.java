/**
 * Byte-level byte-pair encoding: GPT-2's, any {@code tokenizer.json} of that kind, and the trainer of new ones.
 * Depends on nothing else of Cria.
 */
@NullMarked
package dev.cria.tokenizer;

import org.jspecify.annotations.NullMarked;
