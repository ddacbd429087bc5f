package dev.cria.weights;

import dev.cria.WorkException;
import dev.cria.format.StorageType;
import dev.cria.tensor.DType;

/** Tensors' types in the files' words, and back. */
public final class StorageTypes {

    private StorageTypes() {}

    public static StorageType of(DType dtype) {
        return switch (dtype) {
            case FLOAT64 -> StorageType.F64;
            case FLOAT32 -> StorageType.F32;
            case BFLOAT16 -> StorageType.BF16;
            case FLOAT16 -> StorageType.F16;
            case INT64 -> StorageType.I64;
            case INT32 -> StorageType.I32;
            case INT8 -> StorageType.I8;
        };
    }

    /** What a weight of a file is made of; the name is for the refusal. */
    public static DType dtype(StorageType type, String tensor) {
        return switch (type) {
            case F64 -> DType.FLOAT64;
            case F32 -> DType.FLOAT32;
            case BF16 -> DType.BFLOAT16;
            case F16 -> DType.FLOAT16;
            case I64 -> DType.INT64;
            case I32 -> DType.INT32;
            case I8 -> DType.INT8;
            case I16, U8, BOOL ->
                throw new WorkException(
                        tensor + " is stored as " + type + ", which no weight is",
                        "convert the file to F32, BF16 or F16");
        };
    }
}
