package dev.cria.train;

import dev.cria.RequestException;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.cpu.CpuFeatures;
import dev.cria.tensor.library.Libraries;
import java.util.Locale;

/** Which type a configuration's {@code precision.compute} means on a device. */
public final class ComputeType {

    private ComputeType() {}

    /**
     * Auto is bf16 where matrix products are faster in it: on GPUs from Ampere on, and on CPUs with AVX512_BF16 or AMX;
     * on older GPUs it is fp16.
     */
    public static DType of(Recipe.Compute compute, Device device) {
        return switch (compute) {
            case FP32 -> DType.FLOAT32;
            case BF16 -> DType.BFLOAT16;
            case FP16 -> fp16(device);
            case AUTO -> fastest(device);
        };
    }

    private static DType fastest(Device device) {
        if (device.isCpu()) {
            return CpuFeatures.here().hasFastBf16() ? DType.BFLOAT16 : DType.FLOAT32;
        }
        return Libraries.gpu(device).hasFastBf16() ? DType.BFLOAT16 : DType.FLOAT16;
    }

    private static DType fp16(Device device) {
        if (device.isCpu()) {
            throw new RequestException(
                    "precision.compute is fp16 on cpu, where no such products are fast",
                    "--set precision.compute=bf16");
        }
        return DType.FLOAT16;
    }

    public static DType of(Recipe.Gradients gradients) {
        return switch (gradients) {
            case FP32 -> DType.FLOAT32;
            case BF16 -> DType.BFLOAT16;
        };
    }

    /** A type's name in configurations. */
    public static String word(DType type) {
        return switch (type) {
            case FLOAT32 -> "fp32";
            case BFLOAT16 -> "bf16";
            case FLOAT16 -> "fp16";
            default -> type.name().toLowerCase(Locale.ROOT);
        };
    }
}
