/**
 * Judged samples: completions scored on six criteria, by a model behind an endpoint or by people on a blind sheet, and
 * the measures that need no judge. Open Rubric first.
 */
@NullMarked
package dev.cria.eval.judge;

import org.jspecify.annotations.NullMarked;
