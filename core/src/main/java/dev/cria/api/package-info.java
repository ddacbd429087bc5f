/**
 * Cria as a library: open a model and let it write, answer and score; pretrain and tune with a callback, cancel and
 * resume. Open {@link dev.cria.api.Model} and {@link dev.cria.api.Tuner} first.
 *
 * <p>This package, {@link dev.cria.RequestException} and {@link dev.cria.WorkException} are what stays as it is from one
 * version to the next; all other packages may change. Nothing here ends the process, handles its signals or prints.
 * Several models and trainings may be open in one JVM.
 *
 * <p>A program that uses it starts java with {@code --add-modules jdk.incubator.vector}. Without {@code
 * --enable-native-access=ALL-UNNAMED} the JVM warns, and without {@code -XX:FreqInlineSize=120} training is slower.
 */
@NullMarked
package dev.cria.api;

import org.jspecify.annotations.NullMarked;
