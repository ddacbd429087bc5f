/**
 * The differentiable operations, each with its forward and its hand-written backward, and the tape that runs
 * them backwards. Nothing here knows a model. Open Tape first.
 */
@NullMarked
package dev.cria.nn;

import org.jspecify.annotations.NullMarked;
