package dev.cria.tensor.cuda;

import dev.cria.tensor.DType;
import dev.cria.tensor.ShapeException;
import dev.cria.tensor.cuda.CudaKernel.Unit;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.NoSuchElementException;

/** The text of Cria's CUDA kernels, which lies in the jar. */
final class CudaSource {

    private CudaSource() {}

    /** What a unit is compiled from. */
    static String of(Unit unit) {
        return read("device") + behindDevice(unit);
    }

    /** The same without the file of what only a device's own instructions do. */
    static String behindDevice(Unit unit) {
        return "#define T " + name(unit.type()) + "\n"
                + "#define D " + name(unit.second()) + "\n"
                + "#define V " + unit.vector() + "\n"
                + read("types")
                + read(unit.file());
    }

    private static String name(DType type) {
        return switch (type) {
            case FLOAT32 -> "f32";
            case BFLOAT16 -> "bf16";
            case FLOAT16 -> "f16";
            case FLOAT64, INT64, INT32, INT8 -> throw new ShapeException("no kernel for CUDA computes in " + type);
        };
    }

    private static String read(String file) {
        try (InputStream text = CudaSource.class.getResourceAsStream(file + ".cu")) {
            if (text == null) {
                throw new NoSuchElementException("no cuda/" + file + ".cu beside " + CudaSource.class.getName());
            }
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
