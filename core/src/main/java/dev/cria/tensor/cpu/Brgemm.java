package dev.cria.tensor.cpu;

import dev.cria.tensor.DType;
import dev.cria.tensor.Into;
import dev.cria.tensor.library.Libtorch;
import dev.cria.tensor.library.NativeFiles;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.presets.torch;

/**
 * One block of a matrix product on the calling thread: C [m, n] = A [m, k] · B [k, n], or C += A·B, with A in bfloat16 or
 * float32 and C in float32.
 *
 * <p>This is oneDNN's batch-reduce kernel, compiled at run time for the processor (AMX tiles, AVX512_BF16 or AVX512),
 * which libtorch uses in its own attention. libtorch exports it without a Java method, so it is bound by its symbol; it
 * reaches 1,600 to 2,100 GFLOPS on one AMX core where {@code mm_out} on one core reaches 700 to 1,050. Where the symbol
 * or the instructions are missing the products go through libtorch's operators.
 *
 * <p>In bfloat16, B lies in pairs of rows: element (k, n) stands at [k/2, n, k%2], as the instructions read it. A kernel
 * is compiled for each set of sizes and kept for the thread's life, so callers keep the sets few.
 */
final class Brgemm {
    private static final Optional<Brgemm> HERE = find();

    private final MethodHandle bfloat16;
    private final MethodHandle float32;
    private final Optional<Bytes> int8;
    private final MethodHandle release;

    /** @param offset what is added to each signed byte of A, for vectors take it without a sign */
    private record Bytes(MethodHandle product, int offset) {}

    private Brgemm(MethodHandle bfloat16, MethodHandle float32, Optional<Bytes> int8, MethodHandle release) {
        this.bfloat16 = bfloat16;
        this.float32 = float32;
        this.int8 = int8;
        this.release = release;
    }

    /** The kernel, where this machine and this libtorch have it. */
    static Optional<Brgemm> here() {
        return HERE;
    }

    private static Optional<Brgemm> find() {
        boolean restricted = System.getenv("ONEDNN_MAX_CPU_ISA") != null
                && !CpuFeatures.here().hasAvx512Bf16();
        if (!CpuFeatures.here().hasAvx512() || restricted) {
            return Optional.empty();
        }
        try {
            SymbolLookup symbols = symbols();
            var sizes = ValueLayout.JAVA_LONG;
            var flag = ValueLayout.JAVA_BOOLEAN;
            var pointer = ValueLayout.ADDRESS;
            var block = FunctionDescriptor.ofVoid(
                    sizes, sizes, sizes, sizes, sizes, sizes, flag, pointer, pointer, pointer, flag);
            return Optional.of(new Brgemm(
                    bind(symbols, "_ZN2at6native7cpublas6brgemmEllllllbPKN3c108BFloat16ES5_Pfb", block),
                    bind(symbols, "_ZN2at6native7cpublas6brgemmEllllllbPKfS3_Pfb", block),
                    bytes(symbols, block),
                    bind(symbols, "_ZN2at6native7cpublas14brgemm_releaseEb", FunctionDescriptor.ofVoid(flag))));
        } catch (IllegalArgumentException | java.util.NoSuchElementException e) {
            return Optional.empty();
        }
    }

    private static Optional<Bytes> bytes(SymbolLookup symbols, FunctionDescriptor block) {
        if (CpuFeatures.here().hasAmxInt8()) {
            return Optional.of(new Bytes(bind(symbols, "_ZN2at6native7cpublas6brgemmEllllllbPKaS3_Pib", block), 0));
        }
        return CpuFeatures.here().hasAvx512Vnni()
                ? Optional.of(new Bytes(bind(symbols, "_ZN2at6native7cpublas6brgemmEllllllbPKhPKaPib", block), 128))
                : Optional.empty();
    }

    private static SymbolLookup symbols() {
        Optional<Path> alone = Libtorch.isForCuda() ? Optional.empty() : NativeFiles.kernels();
        if (alone.isPresent()) {
            try {
                return SymbolLookup.libraryLookup(alone.get(), Arena.global());
            } catch (IllegalArgumentException e) {
                // Something that it needs has gone since it was loaded last; JavaCPP brings it back.
                Libtorch.ready();
            }
        }
        Libtorch.ready();
        Path library = Path.of(Loader.load(torch.class)).resolveSibling("libtorch_cpu.so");
        return SymbolLookup.libraryLookup(library, Arena.global());
    }

    private static MethodHandle bind(SymbolLookup symbols, String name, FunctionDescriptor type) {
        return Linker.nativeLinker().downcallHandle(symbols.findOrThrow(name), type);
    }

    /** Leading dimensions {@code lda, ldb, ldc} are in elements; ldb counts pairs where B lies in pairs. */
    void multiply(
            DType dtype, long m, long n, long k, long a, long lda, long b, long ldb, long c, long ldc, Into into) {
        boolean pairs = dtype == DType.BFLOAT16;
        call(pairs ? bfloat16 : float32, m, n, k, a, lda, b, ldb, c, ldc, into, pairs);
    }

    /** True if there are products of bytes: by matrix tiles, or by vectors that multiply fours of them. */
    boolean hasBytes() {
        return int8.isPresent();
    }

    /** What each signed byte of A is to be raised by: 0 where tiles take it as it is, else 128. */
    int byteOffset() {
        return int8.orElseThrow().offset;
    }

    /**
     * C [m, n] = A [m, k] · B [k, n] of bytes in exact 32-bit sums, those of A raised by {@link #byteOffset}. B lies in
     * fours of rows: element (k, n) stands at [k/4, n, k%4].
     */
    void multiplyBytes(long m, long n, long k, long a, long lda, long b, long ldb, long c, long ldc) {
        call(int8.orElseThrow().product, m, n, k, a, lda, b, ldb, c, ldc, Into.OVERWRITE, true);
    }

    private static void call(
            MethodHandle kernel,
            long m,
            long n,
            long k,
            long a,
            long lda,
            long b,
            long ldb,
            long c,
            long ldc,
            Into into,
            boolean grouped) {
        try {
            kernel.invokeExact(
                    m,
                    n,
                    k,
                    lda,
                    ldb,
                    ldc,
                    into == Into.ACCUMULATE,
                    MemorySegment.ofAddress(a),
                    MemorySegment.ofAddress(b),
                    MemorySegment.ofAddress(c),
                    grouped);
        } catch (Throwable e) {
            throw new IllegalStateException("a block product failed", e);
        }
    }

    /**
     * Gives the thread's tile registers back, after a run of products. A thread that may call libtorch must, since
     * oneDNN's kernels for its operators give them back too, unseen by these. The workers' threads call none, and theirs
     * may stay as they are between small products: giving them back and setting them up again takes half a microsecond.
     */
    void release() {
        try {
            release.invokeExact(true);
        } catch (Throwable e) {
            throw new IllegalStateException("the tile registers cannot be released", e);
        }
    }
}
