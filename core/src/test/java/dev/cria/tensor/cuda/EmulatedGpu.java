package dev.cria.tensor.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.cria.tensor.cuda.CudaKernel.Unit;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/**
 * Runs the CUDA kernels' own sources on the processor: g++ compiles them behind a header that makes a block's threads
 * take turns. So what a kernel computes, and what it is handed, is tested without a GPU; its speed is not, nor is a
 * race between blocks. Every other launch gives the threads of a block their turns in descending order, so that a
 * barrier that is missing shows.
 */
public final class EmulatedGpu implements CudaLauncher {
    private static final EmulatedGpu HERE = new EmulatedGpu();
    private static final Pattern KERNELS = Pattern.compile("KERNEL void (\\w+)\\(");
    private static final Path COMPILED = Path.of("target", "emulated-cuda");

    private final Map<Unit, SymbolLookup> units = new HashMap<>();
    private final Map<CudaKernel, MethodHandle> functions = new HashMap<>();
    private int launches;

    private EmulatedGpu() {}

    /** The emulation; tests that ask for it are skipped where there is no compiler. */
    public static EmulatedGpu here() {
        Assumptions.assumeTrue(hasCompiler(), "no g++ for x86-64 here to compile the CUDA sources with");
        return HERE;
    }

    private static boolean hasCompiler() {
        try {
            boolean x86 = System.getProperty("os.arch").equals("amd64");
            return x86 && new ProcessBuilder("g++", "--version").start().waitFor() == 0;
        } catch (IOException _) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public synchronized void launch(CudaKernel kernel, long blocks, int threads, int sharedBytes, Number... arguments) {
        if (threads % 32 != 0 || threads > 1024 || blocks < 1 || sharedBytes > SHARED_BYTES) {
            throw new AssertionError(kernel + " in " + blocks + " blocks of " + threads + ", " + sharedBytes);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment values = arena.allocate(JAVA_LONG, arguments.length);
            MemorySegment pointers = arena.allocate(ADDRESS, arguments.length);
            for (int i = 0; i < arguments.length; i++) {
                switch (arguments[i]) {
                    case Long whole -> values.set(JAVA_LONG, 8L * i, whole);
                    case Float fraction -> values.set(JAVA_FLOAT, 8L * i, fraction);
                    default -> throw new AssertionError("argument " + i + " of " + kernel + " is " + arguments[i]);
                }
                pointers.setAtIndex(ADDRESS, i, values.asSlice(8L * i));
            }
            MethodHandle function = functions.computeIfAbsent(kernel, this::find);
            int code = (int) function.invokeExact(
                    (long) arguments.length, blocks, threads, sharedBytes, launches++ % 2, pointers);
            switch (code) {
                case 0 -> {}
                case 1 -> throw new AssertionError("threads of " + kernel + " wait at a barrier for ever");
                default -> throw new AssertionError(kernel + " does not take " + arguments.length + " arguments");
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private MethodHandle find(CudaKernel kernel) {
        var symbols = units.computeIfAbsent(kernel.unit(), EmulatedGpu::compile);
        var type = FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
        return Linker.nativeLinker().downcallHandle(symbols.findOrThrow("run_" + kernel.name()), type);
    }

    /** Compiled once for all runs of the tests, unless the sources change. */
    private static SymbolLookup compile(Unit unit) {
        try {
            String source = source(unit);
            String name = unit.file() + "-" + Integer.toHexString(source.hashCode());
            Path library = COMPILED.resolve(name + ".so");
            if (!Files.exists(library)) {
                Files.createDirectories(COMPILED);
                // Another JVM may compile the same at this moment.
                String own = name + "." + ProcessHandle.current().pid();
                Path text = Files.writeString(COMPILED.resolve(own + ".cpp"), source);
                Path made = COMPILED.resolve(own);
                Process compiler = new ProcessBuilder(
                                "g++",
                                "-std=c++17",
                                "-O1",
                                "-mf16c",
                                "-w",
                                "-shared",
                                "-fPIC",
                                "-o",
                                made.toString(),
                                text.toString())
                        .inheritIO()
                        .start();
                if (compiler.waitFor() != 0) {
                    throw new AssertionError(text + " does not compile");
                }
                Files.move(made, library, StandardCopyOption.ATOMIC_MOVE);
            }
            return SymbolLookup.libraryLookup(library, Arena.global());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String source(Unit unit) throws IOException {
        String kernels = CudaSource.behindDevice(unit);
        var source = new StringBuilder();
        try (InputStream header = EmulatedGpu.class.getResourceAsStream("emulation.cpp")) {
            source.append(new String(header.readAllBytes(), StandardCharsets.UTF_8))
                    .append(kernels);
        }
        var names = KERNELS.matcher(kernels);
        while (names.find()) {
            source.append("""

                extern "C" int run_%1$s(long long given, long long blocks, int threads, int shared, int order,
                                        void **arguments) {
                    emulation::order = order;
                    return emulation::run(%1$s, given, blocks, threads, shared, arguments);
                }
                """.formatted(names.group(1)));
        }
        return source.toString();
    }
}
