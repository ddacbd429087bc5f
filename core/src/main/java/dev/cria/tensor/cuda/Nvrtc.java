package dev.cria.tensor.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.cria.WorkException;
import dev.cria.tensor.library.NativeLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * NVIDIA's compiler for CUDA, as a library that compiles while Cria runs: a GPU's machine code is made for the GPU that
 * is there. Needs no GPU itself.
 */
final class Nvrtc {
    private static final long LOG_BYTES = 1 << 20;

    private final NativeLibrary library;

    private Nvrtc(NativeLibrary library) {
        this.library = library;
    }

    /** The compiler of this machine. */
    static Nvrtc here() {
        return CudaLibraries.here()
                .open(CudaLibraries.NVRTC)
                .map(Nvrtc::new)
                .orElseThrow(() -> new WorkException(
                        "NVRTC, which compiles the CUDA kernels, is not found (" + CudaLibraries.NVRTC + ")",
                        "python3 -m pip install nvidia-cuda-nvrtc, or set kernels=reference; ./cria doctor says more"));
    }

    /** The GPU architectures that it makes machine code for, as compute capability major · 10 + minor, ascending. */
    List<Integer> architectures() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(JAVA_INT);
            require("its architectures", library.call("nvrtcGetNumSupportedArchs", count));
            MemorySegment all = arena.allocate(JAVA_INT, count.get(JAVA_INT, 0));
            require("its architectures", library.call("nvrtcGetSupportedArchs", all));
            List<Integer> architectures = new ArrayList<>();
            for (int architecture : all.toArray(JAVA_INT)) {
                architectures.add(architecture);
            }
            return architectures;
        }
    }

    /**
     * Compiles a source for a GPU.
     *
     * @param capability the GPU's compute capability, major · 10 + minor
     * @return machine code, or PTX that the driver translates for a GPU newer than this compiler
     */
    byte[] compile(String name, String source, int capability) {
        List<Integer> known = architectures();
        boolean exactly = known.contains(capability);
        int target = known.stream()
                .filter(a -> a <= capability)
                .max(Integer::compare)
                .orElseThrow(() -> new WorkException(
                        "the GPU has compute capability " + capability / 10.0 + ", and this CUDA's oldest is "
                                + known.getFirst() / 10.0,
                        "--device cpu, or kernels=reference"));
        String architecture = "--gpu-architecture=" + (exactly ? "sm_" : "compute_") + target;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment program = arena.allocate(ADDRESS);
            int created = library.call(
                    "nvrtcCreateProgram",
                    program,
                    arena.allocateFrom(source),
                    arena.allocateFrom(name),
                    0,
                    MemorySegment.NULL,
                    MemorySegment.NULL);
            require(name, created);
            try {
                MemorySegment options = arena.allocate(ADDRESS, 2);
                options.setAtIndex(ADDRESS, 0, arena.allocateFrom(architecture));
                options.setAtIndex(ADDRESS, 1, arena.allocateFrom("--std=c++17"));
                MemorySegment handle = program.get(ADDRESS, 0);
                int compiled = library.call("nvrtcCompileProgram", handle, 2, options);
                if (compiled != 0) {
                    throw new IllegalStateException(name + " does not compile:\n" + log(arena, handle));
                }
                return exactly
                        ? result(arena, handle, name, "nvrtcGetCUBINSize", "nvrtcGetCUBIN")
                        : result(arena, handle, name, "nvrtcGetPTXSize", "nvrtcGetPTX");
            } finally {
                library.call("nvrtcDestroyProgram", program);
            }
        }
    }

    private byte[] result(Arena arena, MemorySegment program, String name, String sizeOf, String get) {
        MemorySegment size = arena.allocate(JAVA_LONG);
        require(name, library.call(sizeOf, program, size));
        MemorySegment code = arena.allocate(size.get(JAVA_LONG, 0));
        require(name, library.call(get, program, code));
        return code.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }

    private String log(Arena arena, MemorySegment program) {
        MemorySegment size = arena.allocate(JAVA_LONG);
        boolean there =
                library.call("nvrtcGetProgramLogSize", program, size) == 0 && size.get(JAVA_LONG, 0) < LOG_BYTES;
        if (!there) {
            return "no log";
        }
        MemorySegment text = arena.allocate(size.get(JAVA_LONG, 0) + 1);
        library.call("nvrtcGetProgramLog", program, text);
        return text.getString(0);
    }

    private static void require(String what, int code) {
        if (code != 0) {
            throw new WorkException(
                    "NVRTC fails with code " + code + " at " + what,
                    "check that libnvrtc and libnvrtc-builtins are of one version; ./cria doctor shows where they lie");
        }
    }
}
