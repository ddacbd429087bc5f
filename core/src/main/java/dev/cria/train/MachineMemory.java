package dev.cria.train;

import com.sun.management.OperatingSystemMXBean;
import dev.cria.tensor.Device;
import dev.cria.tensor.library.Libraries;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;

/** The memory of this machine, as far as the system tells; a container's limit is its memory. */
public final class MachineMemory {
    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final Path PROCESS = Path.of("/proc/self/status");

    private MachineMemory() {}

    /** Bytes of main memory that this process may use. */
    public static double total() {
        return system().getTotalMemorySize();
    }

    /** Bytes of a device's memory. */
    public static double total(Device device) {
        return device.isCpu() ? total() : Libraries.memory(device).total();
    }

    /** Bytes of main memory that are free or that the system would give up for a program. */
    public static double available() {
        double limit = total();
        return number(MEMORY, "MemAvailable:").stream()
                .map(available -> Math.min(available, limit))
                .findFirst()
                .orElse(system().getFreeMemorySize());
    }

    /** Bytes of memory that are free on a device. */
    public static double available(Device device) {
        return device.isCpu() ? available() : Libraries.memory(device).free();
    }

    /** Bytes of memory that this process holds. */
    public static long process() {
        var used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted();
        return (long) number(PROCESS, "VmRSS:").orElse(used);
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
