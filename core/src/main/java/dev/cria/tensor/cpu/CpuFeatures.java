package dev.cria.tensor.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What this machine's processor can do, as far as kernels choose by it. Choices follow from this and from shapes alone,
 * never from a measurement, so that a resumed run computes as the first one did.
 *
 * @param model the processor's name, for reports
 * @param cores processors that this JVM may use
 * @param flags the instruction sets by Linux's names, such as {@code avx512_bf16}; empty where they cannot be read
 */
public record CpuFeatures(String model, int cores, Set<String> flags) {
    private static final CpuFeatures HERE = read(Path.of("/proc/cpuinfo"));

    public CpuFeatures {
        flags = Set.copyOf(flags);
    }

    /** Those of this machine. */
    public static CpuFeatures here() {
        return HERE;
    }

    static CpuFeatures read(Path cpuinfo) {
        int cores = Runtime.getRuntime().availableProcessors();
        String model = System.getProperty("os.arch", "unknown");
        Set<String> flags = new TreeSet<>();
        if (Files.isReadable(cpuinfo)) {
            try {
                for (String line : Files.readAllLines(cpuinfo)) {
                    int colon = line.indexOf(':');
                    String key =
                            colon < 0 ? "" : line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
                    switch (key) {
                        case "model name" -> model = line.substring(colon + 1).strip();
                        case "flags", "features" ->
                            flags.addAll(Arrays.asList(
                                    line.substring(colon + 1).strip().split("\\s+")));
                        default -> {}
                    }
                }
            } catch (IOException e) {
                return new CpuFeatures(model, cores, Set.of());
            }
        }
        return new CpuFeatures(model, cores, flags);
    }

    /** 512-bit vectors with the parts that oneDNN asks for. */
    public boolean hasAvx512() {
        return flags.containsAll(Set.of("avx512f", "avx512bw", "avx512dq", "avx512vl"));
    }

    /** Dot products of bfloat16 pairs. */
    public boolean hasAvx512Bf16() {
        return hasAvx512() && flags.contains("avx512_bf16");
    }

    /** Matrix tiles of bfloat16, eight times the rate of fp32 vectors. */
    public boolean hasAmx() {
        return hasAvx512() && flags.contains("amx_tile") && flags.contains("amx_bf16");
    }

    /** Dot products of fours of bytes. */
    public boolean hasAvx512Vnni() {
        return hasAvx512() && flags.contains("avx512_vnni");
    }

    /** Matrix tiles of bytes. */
    public boolean hasAmxInt8() {
        return hasAmx() && flags.contains("amx_int8");
    }

    /** True if training in bfloat16 is faster than in float32. */
    public boolean hasFastBf16() {
        return hasAmx() || hasAvx512Bf16();
    }

    /** {@code amx_bf16, avx512_bf16, avx512}, as far as they are there. */
    public String summary() {
        String found = flags.stream()
                .filter(
                        Set.of("amx_bf16", "amx_int8", "avx512_bf16", "avx512_fp16", "avx512f", "avx2", "asimd", "bf16")
                                ::contains)
                .sorted()
                .collect(Collectors.joining(", "));
        return found.isEmpty() ? "no vector extensions known" : found;
    }
}
