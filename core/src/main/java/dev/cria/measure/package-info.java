/**
 * How fast a training step is, where its time goes, and how near that is to what the machine can do. It measures the very
 * step that {@code train} runs, on kernels that keep their time.
 */
@NullMarked
package dev.cria.measure;

import org.jspecify.annotations.NullMarked;
