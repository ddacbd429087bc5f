/**
 * Ranks: how they find each other, exchange gradients and are launched.
 */
@NullMarked
package dev.cria.parallel;

import org.jspecify.annotations.NullMarked;
