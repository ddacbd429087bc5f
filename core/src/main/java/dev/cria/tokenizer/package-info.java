/**
 * Byte-level byte-pair encoding: GPT-2's, any {@code tokenizer.json} of that kind, and the trainer of new ones.
 * Depends on nothing else of Cria. Open Tokenizers first; a text's way is ByteLevelBpe, BpeEncoder, a PreTokenizer,
 * then PreTokenCache or Merger.
 */
@NullMarked
package dev.cria.tokenizer;

import org.jspecify.annotations.NullMarked;
