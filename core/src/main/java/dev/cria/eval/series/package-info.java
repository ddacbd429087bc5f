/**
 * What was measured of the checkpoints of a run, in the loop or afterwards: a line for each checkpoint and task, and the
 * scores of every document behind it. Open ScoreLog first.
 */
@NullMarked
package dev.cria.eval.series;

import org.jspecify.annotations.NullMarked;
