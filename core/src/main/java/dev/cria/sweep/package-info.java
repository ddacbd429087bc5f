/**
 * Many pretrainings that differ in a few keys: which there are, which of them go on, and which of them learned best. Each
 * trial is a run directory of a process of its own. Open Sweep first.
 */
@NullMarked
package dev.cria.sweep;

import org.jspecify.annotations.NullMarked;
