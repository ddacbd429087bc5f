package dev.cria.tensor.cuda;

import dev.cria.tensor.DType;

/**
 * One of Cria's own kernels for CUDA.
 *
 * @param unit the file it is in, as it is compiled for it
 * @param name of the function in the file
 */
record CudaKernel(Unit unit, String name) {

    /**
     * A file of kernels and what it is compiled with.
     *
     * @param file without its ending, beside this class in {@code cuda/}
     * @param type of activations
     * @param second another type, where a kernel of the file has one
     * @param vector elements that a thread reads at once
     */
    record Unit(String file, DType type, DType second, int vector) {}

    static CudaKernel of(String file, String name, DType type, DType second, int vector) {
        return new CudaKernel(new Unit(file, type, second, vector), name);
    }

    static CudaKernel of(String file, String name, DType type, int vector) {
        return of(file, name, type, DType.FLOAT32, vector);
    }

    @Override
    public String toString() {
        return name + " of " + unit.file() + ".cu for " + unit.type() + ", " + unit.second() + ", vectors of "
                + unit.vector();
    }
}
