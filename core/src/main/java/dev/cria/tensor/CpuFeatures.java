package dev.cria.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * What the processor has that kernels are chosen by.
 *
 * @param avx512Bf16 dot products of bfloat16 pairs
 * @param amxBf16 tiles of bfloat16, the fastest there is on a CPU
 * @param cores that the JVM may use
 */
public record CpuFeatures(boolean avx512, boolean avx512Bf16, boolean amxBf16, int cores) {

    /** This machine's; where the system says nothing of them, none. */
    public static CpuFeatures detect() {
        Set<String> flags = Set.copyOf(flags());
        return new CpuFeatures(
                flags.contains("avx512f"),
                flags.contains("avx512_bf16"),
                flags.contains("amx_bf16"),
                Runtime.getRuntime().availableProcessors());
    }

    private static List<String> flags() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("flags"))
                    .findFirst()
                    .map(line -> List.of(line.substring(line.indexOf(':') + 1)
                                    .strip()
                                    .split("\\s+"))
                            .stream()
                            .distinct()
                            .toList())
                    .orElse(List.of());
        } catch (IOException _) {
            return List.of();
        }
    }

    /** True where products of bfloat16 matrices are faster than those of float32. */
    public boolean multipliesBf16() {
        return avx512Bf16 || amxBf16;
    }
}
