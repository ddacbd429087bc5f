/**
 * Instruction tuning: low-rank adapters, chat templates, instruction rows.
 */
@NullMarked
package dev.cria.tune;

import org.jspecify.annotations.NullMarked;
