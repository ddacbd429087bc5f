/**
 * The recipe, the optimizer, the schedule, the loop with its listeners, and checkpoints that cannot tear.
 */
@NullMarked
package dev.cria.train;

import org.jspecify.annotations.NullMarked;
