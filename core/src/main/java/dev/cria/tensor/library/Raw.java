package dev.cria.tensor.library;

import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Cria's words in libtorch's. */
public final class Raw {
    private Raw() {}

    public static ScalarType type(DType dtype) {
        return switch (dtype) {
            case FLOAT64 -> ScalarType.Double;
            case FLOAT32 -> ScalarType.Float;
            case BFLOAT16 -> ScalarType.BFloat16;
            case FLOAT16 -> ScalarType.Half;
            case INT64 -> ScalarType.Long;
            case INT32 -> ScalarType.Int;
            case INT8 -> ScalarType.Char;
        };
    }

    public static org.bytedeco.pytorch.Device device(Device device) {
        return switch (device.kind()) {
            case CPU -> new org.bytedeco.pytorch.Device(DeviceType.CPU);
            case CUDA -> new org.bytedeco.pytorch.Device(DeviceType.CUDA, (byte) device.index());
        };
    }

    public static TensorOptions options(DType dtype, Device device) {
        return new TensorOptions(type(dtype)).device(new DeviceOptional(device(device)));
    }

    /** A pointer to memory that somebody else owns. */
    public static Pointer pointer(long memory) {
        return new Pointer() {
            {
                address = memory;
            }
        };
    }

    public static Scalar scalar(double value) {
        return new Scalar(value);
    }
}
