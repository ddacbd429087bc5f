/**
 * What a run's directory holds besides its checkpoints' weights: configuration, lines and events, each a record that
 * writes and reads its line. Open {@link dev.cria.run.Line} first; nothing here knows how a training works.
 */
@NullMarked
package dev.cria.run;

import org.jspecify.annotations.NullMarked;
