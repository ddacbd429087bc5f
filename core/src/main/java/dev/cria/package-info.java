/**
 * Cria raises a LLaMA from scratch. The ground floor that every package stands on: how a request is refused, how
 * a failure is told, how progress is shown.
 */
@NullMarked
package dev.cria;

import org.jspecify.annotations.NullMarked;
