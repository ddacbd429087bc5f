package dev.cria.tensor;

import dev.cria.RequestException;
import dev.cria.tensor.library.Libtorch;

/** Where tensors live and kernels run. */
public record Device(Kind kind, int index) {
    public static final Device CPU = new Device(Kind.CPU, 0);

    /** The kinds that Cria knows. */
    public enum Kind {
        CPU,
        CUDA
    }

    public static Device cuda(int index) {
        return new Device(Kind.CUDA, index);
    }

    public boolean isCpu() {
        return kind == Kind.CPU;
    }

    /**
     * The device of a name as configurations have it.
     *
     * @param name {@code auto} (cuda where there is one), {@code cpu}, {@code cuda} or {@code cuda:N}
     * @param localRank the device that plain {@code cuda} and {@code auto} mean when several ranks share a machine
     */
    public static Device named(String name, int localRank) {
        return switch (name) {
            case "cpu" -> CPU;
            case "auto" -> Libtorch.cudaDevices() > 0 ? cuda(localRank % Libtorch.cudaDevices()) : CPU;
            case "cuda" -> available(localRank % Math.max(1, Libtorch.cudaDevices()), name);
            default -> available(cudaIndex(name), name);
        };
    }

    private static int cudaIndex(String name) {
        if (!name.matches("cuda:\\d{1,3}")) {
            throw new RequestException("device is " + name + ", not auto, cpu, cuda or cuda:N", "--device auto");
        }
        return Integer.parseInt(name.substring("cuda:".length()));
    }

    private static Device available(int index, String name) {
        int devices = Libtorch.cudaDevices();
        if (index >= devices) {
            throw new RequestException(
                    "device is " + name + " and libtorch sees " + devices + " CUDA devices here",
                    "--device cpu, or CRIA_CUDA=1 ./cria doctor to see what CUDA lacks");
        }
        return cuda(index);
    }

    @Override
    public String toString() {
        return isCpu() ? "cpu" : "cuda:" + index;
    }
}
