/**
 * JMH micro-benchmarks, one class for each operation that is measured, and {@link dev.cria.bench.LibtorchPeer}, the
 * training step by libtorch's autograd that Cria's speed is compared with. Unlike core's other packages this one may
 * call libtorch: it measures it.
 */
package dev.cria.bench;
