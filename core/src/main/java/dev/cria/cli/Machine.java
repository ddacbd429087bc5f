package dev.cria.cli;

import com.sun.management.OperatingSystemMXBean;
import dev.cria.tensor.Device;
import dev.cria.tensor.Libraries;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;

/** What the machine that this process runs on has, as far as the system tells. */
final class Machine {

    private Machine() {}

    /**
     * A GPU as its driver describes it.
     *
     * @param bytes of its memory, and those free
     */
    record Gpu(String name, double bytes, double free, String driver) {
        /** The driver's first number: 580 of 580.65.06. */
        int driverMajor() {
            String major = driver.split("\\.")[0];
            return major.matches("\\d{1,6}") ? Integer.parseInt(major) : Integer.MAX_VALUE;
        }
    }

    /** The GPUs in the driver's order; none where there is no driver. */
    static List<Gpu> gpus() {
        try {
            Process query = new ProcessBuilder(
                            "nvidia-smi",
                            "--query-gpu=name,memory.total,memory.free,driver_version",
                            "--format=csv,noheader,nounits")
                    .redirectErrorStream(true)
                    .start();
            if (!query.waitFor(10, TimeUnit.SECONDS)) {
                query.destroyForcibly();
                return List.of();
            }
            List<String> lines = query.inputReader().lines().toList();
            return query.exitValue() == 0
                    ? lines.stream().map(Machine::gpu).flatMap(Optional::stream).toList()
                    : List.of();
        } catch (IOException _) {
            return List.of();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    /** A line such as {@code NVIDIA H200, 143771, 143000, 580.65.06}, sizes in MiB. */
    static Optional<Gpu> gpu(String line) {
        List<String> fields = Arrays.stream(line.split(",")).map(String::strip).toList();
        if (fields.size() != 4 || !(fields.get(1) + fields.get(2)).matches("\\d+")) {
            return Optional.empty();
        }
        double mebibyte = 1 << 20;
        return Optional.of(new Gpu(
                fields.get(0),
                Double.parseDouble(fields.get(1)) * mebibyte,
                Double.parseDouble(fields.get(2)) * mebibyte,
                fields.get(3)));
    }

    /** Bytes of memory that this process may use, a container's limit included. */
    static double memory() {
        return system().getTotalMemorySize();
    }

    /** Bytes of memory that are free or that the system would give up for a program. */
    static double available() {
        double limit = memory();
        return number(Path.of("/proc/meminfo"), "MemAvailable:").stream()
                .map(available -> Math.min(available, limit))
                .findFirst()
                .orElse(system().getFreeMemorySize());
    }

    /** Bytes of memory that are free on a device. */
    static OptionalDouble room(Device device) {
        if (device.isCpu()) {
            return OptionalDouble.of(available());
        }
        return OptionalDouble.of(Libraries.memory(device).free());
    }

    /** Bytes of memory that this process holds. */
    static long process() {
        var used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted();
        return (long) number(Path.of("/proc/self/status"), "VmRSS:").orElse(used);
    }

    /** The number of kilobytes in the line of a file of /proc, in bytes. */
    private static OptionalDouble number(Path file, String key) {
        if (!Files.isReadable(file)) {
            return OptionalDouble.empty();
        }
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith(key))
                    .mapToDouble(line -> 1024 * Double.parseDouble(line.replaceAll("\\D", "")))
                    .findFirst();
        } catch (IOException _) {
            return OptionalDouble.empty();
        }
    }

    private static OperatingSystemMXBean system() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    }
}
