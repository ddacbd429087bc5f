/**
 * The fast kernels of NVIDIA GPUs: launchers of the CUDA sources in the resources beside, and the driver. Open CudaKernels
 * first.
 */
@NullMarked
package dev.cria.tensor.cuda;

import org.jspecify.annotations.NullMarked;
