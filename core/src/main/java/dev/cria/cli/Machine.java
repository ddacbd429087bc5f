package dev.cria.cli;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
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
}
