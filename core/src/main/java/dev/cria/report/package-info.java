/**
 * Figures, tables and the self-contained HTML report, made from a run's files alone.
 */
@NullMarked
package dev.cria.report;

import org.jspecify.annotations.NullMarked;
