/**
 * Which optimizer reaches a validation loss sooner: each is tuned with the same budget, then trained from several seeds, and
 * steps and seconds are set against each other. Open Speedrun first.
 */
@NullMarked
package dev.cria.speedrun;

import org.jspecify.annotations.NullMarked;
