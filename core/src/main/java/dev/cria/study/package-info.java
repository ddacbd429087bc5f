/**
 * The series of a run's checkpoints as the thing that is studied: what was learned when, which benchmark can tell
 * checkpoints apart, how scores go with the loss, how texts change. Reads the files of runs alone. Open Study first.
 */
@NullMarked
package dev.cria.study;

import org.jspecify.annotations.NullMarked;
