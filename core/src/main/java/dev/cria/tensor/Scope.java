package dev.cria.tensor;

import java.util.ArrayDeque;
import java.util.Deque;

/** Closes the tensors that were made in it, last made first. {@code try (var scope = new Scope()) { … }} */
public final class Scope implements AutoCloseable {
    private final Deque<Tensor> tensors = new ArrayDeque<>();

    /** Takes over the caller's reference; returns the tensor. */
    public Tensor own(Tensor tensor) {
        tensors.push(tensor);
        return tensor;
    }

    /** A tensor of undefined content that lives until the scope closes. */
    public Tensor empty(DType dtype, Device device, long... shape) {
        return own(Tensor.empty(dtype, device, shape));
    }

    @Override
    public void close() {
        while (!tensors.isEmpty()) {
            tensors.pop().close();
        }
    }
}
