/**
 * Optimizers and learning-rate schedules: how gradients move the weights, and by how much at each step. Their state is
 * written and read by the parameters' names, and their configuration sections stand beside them.
 */
@NullMarked
package dev.cria.optim;

import org.jspecify.annotations.NullMarked;
