package dev.cria.tensor;

/**
 * Rows of numbers in native memory, as the fast kernels see a tensor.
 *
 * @param stride elements from one row to the next; more than {@code width} in a view of some columns
 */
public record Matrix(long address, long rows, long width, long stride, DType dtype) {

    /** The tensor's last dimension as width, all others as rows. */
    public static Matrix of(Tensor tensor) {
        int dimensions = tensor.dimensions();
        long width = dimensions == 0 ? 1 : tensor.size(-1);
        long stride = dimensions < 2 ? width : tensor.stride(dimensions - 2);
        return new Matrix(tensor.address(), tensor.elements() / Math.max(1, width), width, stride, tensor.dtype());
    }

    /** The tensor as one row. */
    public static Matrix flat(Tensor tensor) {
        return new Matrix(tensor.address(), 1, tensor.elements(), tensor.elements(), tensor.dtype());
    }

    /** The address of an element. */
    public long at(long row, long column) {
        return address + (row * stride + column) * dtype.bytes();
    }

    public long at(long row) {
        return at(row, 0);
    }

    public boolean isContiguous() {
        return stride == width || rows <= 1;
    }

    /** Bytes from one row to the next. */
    public long strideBytes() {
        return stride * dtype.bytes();
    }
}
