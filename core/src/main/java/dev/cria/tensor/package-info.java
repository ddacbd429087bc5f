/**
 * Tensors, devices, dtypes, memory scopes, kernels and collectives: the only room that knows libtorch.
 * Nothing here knows what a layer or a model is. Open Tensor first, then
 * Kernels.
 */
@NullMarked
package dev.cria.tensor;

import org.jspecify.annotations.NullMarked;
