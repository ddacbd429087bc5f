package dev.cria.tensor.cuda;

/** Starts kernels on one device; each begins when those started before it are done. */
interface CudaLauncher {
    /** Bytes of shared memory that a block can always have. */
    int SHARED_BYTES = 48 << 10;

    /** Threads of a block, where nothing speaks for another number. */
    int THREADS = 256;

    /**
     * Starts a kernel and does not wait for it.
     *
     * @param threads in a block, a multiple of 32
     * @param sharedBytes that the kernel asks for at its start, at most {@link #SHARED_BYTES}
     * @param arguments {@link Long} for whole numbers and addresses, {@link Float} for fractions
     */
    void launch(CudaKernel kernel, long blocks, int threads, int sharedBytes, Number... arguments);

    /** Threads for a block that goes over {@code width} elements, so that few are idle. */
    static int threads(long width, int vector, int most) {
        long each = (width + vector - 1) / vector;
        return (int) Math.clamp((each + 31) / 32 * 32, 32, most);
    }
}
