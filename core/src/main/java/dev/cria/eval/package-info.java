/**
 * Benchmarks with the conventions of lm-evaluation-harness, judged samples, and correlations.
 */
@NullMarked
package dev.cria.eval;

import org.jspecify.annotations.NullMarked;
