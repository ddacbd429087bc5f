/**
 * Where documents come from: Parquet, JSON lines and text files, read in blocks that workers can read in any order
 * while the order of the documents stays that of the input. Open Sources first.
 */
@NullMarked
package dev.cria.data.source;

import org.jspecify.annotations.NullMarked;
