package dev.cria.cli;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.cria.cli.Machine.Gpu;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.cpu.CpuFeatures;
import dev.cria.tensor.library.Libraries;
import dev.cria.tensor.library.Libraries.Cuda;
import dev.cria.train.MachineMemory;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Looks at what Cria needs of a machine, and says what to do about what is missing. */
final class Doctor {
    private static final int NEWEST_NEEDED = 25;
    private static final double ENOUGH_MEMORY = 4e9;
    private static final double ENOUGH_DISK = 20e9;
    private static final double UNPACKED_LIBRARIES = 1e9;
    private static final long ENOUGH_HANDLES = 4096;

    /** CUDA 13 runs on no driver before this one. */
    private static final int OLDEST_DRIVER = 580;

    private Doctor() {}

    /** All checks, in the order of what builds on what. */
    static List<Check> examine() {
        List<Check> checks = new ArrayList<>();
        checks.add(jdk(Runtime.version().feature()));
        // Without it no command gets as far as this.
        checks.add(Check.good("Vector API", "jdk.incubator.vector is loaded"));
        checks.add(processor(CpuFeatures.here()));
        checks.add(cache(Libraries.cache()));
        Optional<String> problem = Libraries.problem();
        checks.add(libraries(problem));
        List<Gpu> gpus = Machine.gpus();
        int usable = problem.isEmpty() ? Libraries.cudaDevices() : 0;
        checks.add(gpu(gpus, usable));
        checks.addAll(cuda(
                gpus,
                Libraries.areForCuda(),
                Libraries.cuda(),
                () -> usable > 0 ? Libraries.problem(Device.cuda(0)) : Optional.empty()));
        checks.add(memory(MachineMemory.available(), MachineMemory.total()));
        checks.add(disk(Path.of("").toAbsolutePath()));
        checks.add(handles(mostHandles()));
        checks.add(temporary(Path.of(System.getProperty("java.io.tmpdir"))));
        return checks;
    }

    static Check jdk(int feature) {
        String found = Runtime.version() + ", " + System.getProperty("java.vendor");
        return feature >= NEWEST_NEEDED
                ? Check.good("JDK", found)
                : Check.broken("JDK", found, "install JDK 25 or newer and set JAVA_HOME to it");
    }

    static Check processor(CpuFeatures cpu) {
        String found = "%s, %d cores: %s".formatted(cpu.model(), cpu.cores(), cpu.summary());
        if (cpu.hasAvx512()) {
            return cpu.hasFastBf16()
                    ? Check.good("processor", found + "; trains in bf16")
                    : Check.good("processor", found + "; trains in fp32, bf16 would be slower");
        }
        return Check.lacking(
                "processor",
                found,
                "products go through libtorch; a processor with AVX-512 or AMX is several times faster");
    }

    static Check cache(Path cache) {
        String remedy = "CRIA_JAVA_OPTS=-Dorg.bytedeco.javacpp.cachedir=/some/folder";
        Path existing = existing(cache);
        if (!Files.isWritable(existing)) {
            return Check.broken("JavaCPP cache", existing + " cannot be written to", remedy);
        }
        if (isNoexec(existing)) {
            return Check.broken("JavaCPP cache", existing + " is mounted noexec", remedy);
        }
        boolean unpacked = Files.isDirectory(cache);
        if (!unpacked && free(existing) < UNPACKED_LIBRARIES) {
            return Check.broken("JavaCPP cache", "only " + gigabytes(free(existing)) + " free in " + existing, remedy);
        }
        return Check.good("JavaCPP cache", cache + (unpacked ? "" : ", made on first use"));
    }

    private static Check libraries(Optional<String> problem) {
        return problem.map(why -> Check.broken(
                        "native libraries",
                        why,
                        "on Linux glibc 2.28 or newer is needed; remove " + Libraries.cache()
                                + " if it was only half unpacked"))
                .orElseGet(() -> Check.good(
                        "native libraries",
                        "libtorch " + Libraries.libtorch() + "; kernels: "
                                + Kernels.of(Device.CPU, Kernels.Choice.AUTO).name()));
    }

    static Check gpu(List<Gpu> gpus, int usable) {
        String found = gpus.isEmpty()
                ? "no NVIDIA driver found"
                : "%d × %s, %s, driver %s"
                        .formatted(
                                gpus.size(),
                                gpus.getFirst().name(),
                                gigabytes(gpus.getFirst().bytes()),
                                gpus.getFirst().driver());
        if (usable > 0) {
            return Check.good("GPU", found + "; libtorch uses " + usable);
        }
        if (gpus.isEmpty()) {
            return Check.good("GPU", found + ": --device auto means cpu");
        }
        return gpus.getFirst().driverMajor() < OLDEST_DRIVER
                ? Check.lacking("GPU", found + ", too old for CUDA 13", "install driver " + OLDEST_DRIVER + " or newer")
                : Check.lacking("GPU", found + "; libtorch uses none of them", "see the checks of CUDA below");
    }

    /** Of CUDA: its libraries where they matter, and whether the kernels run. */
    static List<Check> cuda(List<Gpu> gpus, boolean cudaBuild, Cuda cuda, Supplier<Optional<String>> kernels) {
        if (!cudaBuild) {
            return gpus.isEmpty()
                    ? List.of()
                    : List.of(Check.lacking(
                            "CUDA", "this libtorch is built for CPUs only", toGet(cuda) + "CRIA_CUDA=1 ./cria doctor"));
        }
        List<Check> checks = new ArrayList<>();
        String folders = cuda.folders().stream().map(Path::toString).collect(Collectors.joining(", "));
        checks.add(
                cuda.missing().isEmpty()
                        ? Check.good("CUDA libraries", folders)
                        : Check.lacking(
                                "CUDA libraries",
                                "no GPU can be used without " + String.join(", ", cuda.missing()),
                                cuda.remedy()));
        kernels.get()
                .map(why -> Check.lacking("CUDA kernels", why, "--set kernels=reference, or --device cpu"))
                .ifPresent(checks::add);
        return checks;
    }

    private static String toGet(Cuda cuda) {
        return cuda.missing().isEmpty() ? "" : cuda.remedy() + "; then ";
    }

    static Check memory(double available, double total) {
        String found = gigabytes(available) + " of " + gigabytes(total) + " free";
        return available >= ENOUGH_MEMORY
                ? Check.good("memory", found)
                : Check.lacking(
                        "memory", found, "./cria plan computes what a configuration needs; nano needs about 2 GB");
    }

    private static Check disk(Path here) {
        double free = free(existing(here));
        String found = gigabytes(free) + " free in " + here;
        return free >= ENOUGH_DISK
                ? Check.good("disk", found)
                : Check.lacking(
                        "disk", found, "keep fewer checkpoints: --set checkpoint.keep=1 --set checkpoint.keep_every=0");
    }

    private static OptionalLong mostHandles() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? OptionalLong.of(system.getMaxFileDescriptorCount())
                : OptionalLong.empty();
    }

    static Check handles(OptionalLong most) {
        if (most.isEmpty()) {
            return Check.good("file handles", "no limit known");
        }
        String found = "%,d".formatted(most.getAsLong());
        return most.getAsLong() >= ENOUGH_HANDLES
                ? Check.good("file handles", found)
                : Check.lacking("file handles", found, "ulimit -n " + ENOUGH_HANDLES);
    }

    static Check temporary(Path directory) {
        String remedy = "CRIA_JAVA_OPTS=-Djava.io.tmpdir=/some/folder";
        if (!Files.isWritable(directory)) {
            return Check.broken("temporary files", directory + " cannot be written to", remedy);
        }
        return isNoexec(directory)
                ? Check.lacking(
                        "temporary files",
                        directory + " is mounted noexec: zstd and Parquet cannot load from it",
                        remedy)
                : Check.good("temporary files", directory.toString());
    }

    private static Path existing(Path path) {
        Path at = path.toAbsolutePath();
        while (!Files.exists(at) && at.getParent() != null) {
            at = at.getParent();
        }
        return at;
    }

    /** As the folder itself says: a file store is looked for in the list of mounts, which a chroot may not have. */
    private static double free(Path existing) {
        return existing.toFile().getUsableSpace();
    }

    private static boolean isNoexec(Path path) {
        Path mounts = Path.of("/proc/mounts");
        if (!Files.isReadable(mounts)) {
            return false;
        }
        try {
            return isNoexec(path.toRealPath(), Files.readAllLines(mounts));
        } catch (IOException _) {
            return false;
        }
    }

    /** Whether the innermost mount around a path, of lines as in /proc/mounts, lets no program run from it. */
    static boolean isNoexec(Path path, List<String> mounts) {
        int depth = -1;
        boolean noexec = false;
        for (String line : mounts) {
            String[] fields = line.split(" ");
            Path point = Path.of(fields[1].replace("\\040", " "));
            if (path.startsWith(point) && point.getNameCount() >= depth) {
                depth = point.getNameCount();
                noexec = List.of(fields[3].split(",")).contains("noexec");
            }
        }
        return noexec;
    }

    private static String gigabytes(double bytes) {
        return "%.1f GB".formatted(bytes / 1e9);
    }
}
