/**
 * One class per command: its arguments, and one call. Open Main first.
 */
@NullMarked
package dev.cria.cli;

import org.jspecify.annotations.NullMarked;
