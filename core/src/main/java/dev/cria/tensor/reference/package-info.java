/**
 * Each call as its formula reads, in libtorch's plain operators: slow, and right on every device and type. The fast
 * kernels are tested against these.
 */
@NullMarked
package dev.cria.tensor.reference;

import org.jspecify.annotations.NullMarked;
