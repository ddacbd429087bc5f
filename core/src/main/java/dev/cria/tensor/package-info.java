/**
 * Tensors, devices, types and memory scopes, and the {@link dev.cria.tensor.Call calls} that {@link dev.cria.tensor.Kernels}
 * run: all that the other packages see. Nothing here knows what a layer or a model is. Open Tensor first, then Call.
 */
@NullMarked
package dev.cria.tensor;

import org.jspecify.annotations.NullMarked;
