/**
 * The fast kernels of the CPU, in Java's Vector API and blocks that oneDNN compiles. Open CpuKernels first: it says which
 * call goes where, and what goes to the reference instead.
 */
@NullMarked
package dev.cria.tensor.cpu;

import org.jspecify.annotations.NullMarked;
