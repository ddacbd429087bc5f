package dev.cria.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.nn.ParameterSpec.Init;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.pytorch.global.torch;

/**
 * The same random inputs for an operation of ours and for libtorch's operators, whose autograd is the oracle of our
 * hand-written backward. All in float64, where both differ by rounding alone: the allowance is 1e-10 of the largest
 * magnitude, some thousand times float64's epsilon for sums of a few hundred terms.
 */
final class Autograd implements AutoCloseable {
    private static final double ALLOWANCE = 1e-10;

    final Kernels kernels = Kernels.of(Device.CPU, Kernels.Choice.REFERENCE);
    final Tape tape = new Tape(kernels, Tape.Mode.TRAINING);
    private final Random random = new Random(7);
    private final List<Check> checks = new ArrayList<>();
    private final List<AutoCloseable> owned = new ArrayList<>();

    private record Check(String name, java.util.function.Supplier<double[]> ours, org.bytedeco.pytorch.Tensor theirs) {}

    /** An input both sides have, differentiable. */
    record Input(Value value, org.bytedeco.pytorch.Tensor raw) {}

    record Weight(Parameter parameter, org.bytedeco.pytorch.Tensor raw) {}

    Input input(long rows, long width) {
        double[] numbers = random.doubles(rows * width, -2, 2).toArray();
        Value value = tape.keep(Value.of(tensor(numbers, rows, width), true));
        var raw = raw(numbers, rows, width);
        checks.add(new Check("input", () -> doubles(value.gradient()), raw));
        return new Input(value, raw);
    }

    Weight weight(long... shape) {
        List<Long> sizes = new ArrayList<>();
        for (long size : shape) {
            sizes.add(size);
        }
        var spec = new ParameterSpec(List.of(new ParameterSpec.Part("w" + checks.size(), sizes)), new Init.Constant(0));
        var parameters = Parameters.allocate(
                List.of(spec), Device.CPU, Parameters.Storage.training(DType.FLOAT64, DType.FLOAT64));
        owned.add(parameters);
        Parameter parameter = parameters.list().getFirst();
        double[] numbers = random.doubles(spec.elements(), -2, 2).toArray();
        parameter.value().copyFrom(MemorySegment.ofArray(numbers));
        var raw = raw(numbers, shape);
        checks.add(new Check("weight", () -> doubles(parameter.gradient().orElseThrow()), raw));
        return new Weight(parameter, raw);
    }

    Tensor longs(long... numbers) {
        Tensor made = Tensor.of(numbers, numbers.length);
        owned.add(made::close);
        return made;
    }

    /** Compares the outputs, then the gradients of Σ dy·output with a random dy by all inputs and weights. */
    void compare(Value ours, org.bytedeco.pytorch.Tensor theirs) {
        long[] shape = ours.saved().shape();
        close("output", doubles(ours.saved()), doubles(theirs));
        double[] dy = random.doubles(ours.saved().elements(), -1, 1).toArray();
        try (Tensor gradient = tensor(dy, shape)) {
            ours.share(gradient);
        }
        theirs.view(shape)
                .backward(
                        raw(dy, shape).detach(),
                        new org.bytedeco.pytorch.BoolOptional(true),
                        false,
                        new org.bytedeco.pytorch.TensorArrayRefOptional());
        tape.backward();
        for (Check check : checks) {
            close(
                    "gradient of " + check.name(),
                    check.ours().get(),
                    doubles(check.theirs().grad()));
        }
    }

    /** Compares gradients that a loss with a scalar result has formed already. */
    void compareGradients(org.bytedeco.pytorch.Tensor scalarLoss) {
        scalarLoss.backward();
        tape.backward();
        for (Check check : checks) {
            close(
                    "gradient of " + check.name(),
                    check.ours().get(),
                    doubles(check.theirs().grad()));
        }
    }

    static void close(String what, double[] ours, double[] theirs) {
        assertThat(ours.length).as(what + ": length").isEqualTo(theirs.length);
        double largest = 1e-3;
        for (double d : theirs) {
            largest = Math.max(largest, Math.abs(d));
        }
        for (int i = 0; i < ours.length; i++) {
            if (!(Math.abs(ours[i] - theirs[i]) <= ALLOWANCE * largest)) {
                throw new AssertionError("%s: element %d is %.17g, autograd has %.17g, allowed %.2g"
                        .formatted(what, i, ours[i], theirs[i], ALLOWANCE * largest));
            }
        }
    }

    private static Tensor tensor(double[] numbers, long... shape) {
        Tensor made = Tensor.empty(DType.FLOAT64, Device.CPU, shape);
        made.copyFrom(MemorySegment.ofArray(numbers));
        return made;
    }

    static org.bytedeco.pytorch.Tensor raw(double[] numbers, long... shape) {
        return torch.from_blob(
                        new DoublePointer(numbers),
                        shape,
                        new org.bytedeco.pytorch.TensorOptions(torch.ScalarType.Double))
                .clone()
                .set_requires_grad(true);
    }

    static double[] doubles(Tensor tensor) {
        double[] numbers = new double[Math.toIntExact(tensor.elements())];
        MemorySegment target = MemorySegment.ofArray(numbers);
        if (tensor.dtype() == DType.FLOAT64) {
            tensor.copyTo(target);
            return numbers;
        }
        try (Tensor wide = tensor.to(DType.FLOAT64)) {
            wide.copyTo(target);
        }
        return numbers;
    }

    static double[] doubles(org.bytedeco.pytorch.Tensor raw) {
        var flat = raw.detach().contiguous();
        return MemorySegment.ofAddress(flat.data_ptr().address())
                .reinterpret(flat.numel() * 8)
                .toArray(ValueLayout.JAVA_DOUBLE);
    }

    @Override
    public void close() throws Exception {
        tape.close();
        for (AutoCloseable each : owned) {
            each.close();
        }
    }

    static Optional<Tensor> none() {
        return Optional.empty();
    }
}
