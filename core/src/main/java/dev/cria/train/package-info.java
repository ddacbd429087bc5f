/**
 * Pretraining: the recipe, one way to begin, resume and fork a run, the step, the loop with what looks at the model between
 * steps, and checkpoints that cannot tear. Tuning runs on the same loop.
 */
@NullMarked
package dev.cria.train;

import org.jspecify.annotations.NullMarked;
