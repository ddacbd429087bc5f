package dev.cria.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.tensor.Call.Kind;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Elementwise;
import dev.cria.tensor.HeadLoss;
import dev.cria.tensor.Into;
import dev.cria.tensor.Kernels;
import dev.cria.tensor.MatrixProduct;
import dev.cria.tensor.Product;
import dev.cria.tensor.Product.Form;
import dev.cria.tensor.Scope;
import dev.cria.tensor.Tensor;
import dev.cria.tensor.Work;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TimedKernelsTest {

    static List<Method> operations() {
        return Arrays.stream(Kernels.class.getMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers()))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("operations")
    void everyCallReachesTheKernelsBelowWithItsArguments(Method operation) throws Exception {
        List<String> calls = new ArrayList<>();
        Object[] arguments = arguments(operation);
        try (var timed = new TimedKernels(recording(calls), Device.CPU)) {
            operation.invoke(timed, arguments);
        }
        assertThat(calls).containsExactly(operation.getName() + Arrays.toString(arguments));
    }

    @Test
    void clockStandsStillUntilSomeoneWatchesAndWhenItRests() {
        try (var timed = new TimedKernels(recording(new ArrayList<>()), Device.CPU);
                var x = Tensor.zeros(DType.FLOAT32, Device.CPU, 3)) {
            timed.run(new Elementwise.Scale(x, 2));
            assertThat(timed.kinds()).isEmpty();

            timed.watch();
            timed.run(new Elementwise.Scale(x, 2));
            assertThat(timed.sumOfSquares(x)).isEqualTo(42);
            assertThat(timed.kinds()).containsOnlyKeys(Kind.ELEMENTWISE, Kind.OPTIMIZER);

            timed.rest();
            timed.run(new Elementwise.Scale(x, 2));
            assertThat(timed.kinds().get(Kind.ELEMENTWISE).work()).isEqualTo(new Work(3, 24));

            timed.watch();
            assertThat(timed.kinds()).isEmpty();
        }
    }

    /** Calls that ran at the same time could not be told apart. */
    @Test
    void piecesRunOneAfterAnotherWhileSomeoneWatches() {
        List<String> calls = new ArrayList<>();
        List<Integer> pieces = new ArrayList<>();
        try (var timed = new TimedKernels(recording(calls), Device.CPU)) {
            timed.watch();
            timed.runApart(3, pieces::add);
        }
        assertThat(pieces).containsExactly(0, 1, 2);
        assertThat(calls).isEmpty();
    }

    @Test
    void productsAreKeptApartByFormAndSizes() {
        try (var scope = new Scope();
                var timed = new TimedKernels(recording(new ArrayList<>()), Device.CPU)) {
            Tensor x = scope.empty(DType.FLOAT32, Device.CPU, 5, 3);
            Tensor w = scope.empty(DType.FLOAT32, Device.CPU, 7, 3);
            Tensor y = scope.empty(DType.FLOAT32, Device.CPU, 5, 7);
            timed.watch();
            timed.run(new MatrixProduct.Forward(x, w, y, Into.OVERWRITE));
            timed.run(new MatrixProduct.Forward(x, w, y, Into.OVERWRITE));
            timed.run(new MatrixProduct.WeightGradient(y, x, w, Into.ACCUMULATE));

            assertThat(timed.products())
                    .containsOnlyKeys(new Product(Form.FORWARD, 5, 3, 7), new Product(Form.WEIGHT_GRADIENT, 5, 3, 7));
            assertThat(timed.products().get(new Product(Form.FORWARD, 5, 3, 7)).work())
                    .isEqualTo(new Work(420, 2 * 4 * (15 + 21 + 35)));
            double all = timed.products().values().stream()
                    .mapToDouble(spent -> spent.work().operations())
                    .sum();
            assertThat(timed.kinds().get(Kind.MATRIX_PRODUCTS).work().operations())
                    .isEqualTo(all);
        }
    }

    @Test
    void headsProductsAreOnAsManyRowsAsLogitsAreHeldAtOneTime() {
        long vocab = 1 << 20;
        try (var scope = new Scope();
                var timed = new TimedKernels(recording(new ArrayList<>()), Device.CPU)) {
            // A row of logits is 2 MiB, so that 128 MiB hold 64 rows: 100 are computed as twice 50.
            Tensor x = scope.empty(DType.BFLOAT16, Device.CPU, 100, 2);
            Tensor w = scope.empty(DType.BFLOAT16, Device.CPU, vocab, 2);
            Tensor targets = scope.empty(DType.INT64, Device.CPU, 100);
            Tensor losses = scope.empty(DType.FLOAT32, Device.CPU, 100);
            timed.watch();
            timed.run(new HeadLoss(x, w, targets, losses, Optional.empty()));

            assertThat(timed.products())
                    .containsOnlyKeys(
                            new Product(Form.FORWARD, 50, 2, vocab),
                            new Product(Form.INPUT_GRADIENT, 50, 2, vocab),
                            new Product(Form.WEIGHT_GRADIENT, 50, 2, vocab));
        }
    }

    private static Kernels recording(List<String> calls) {
        return (Kernels) Proxy.newProxyInstance(
                Kernels.class.getClassLoader(), new Class<?>[] {Kernels.class}, (_, method, arguments) -> {
                    calls.add(method.getName() + Arrays.toString(arguments == null ? new Object[0] : arguments));
                    return method.getReturnType() == double.class
                            ? 42.0
                            : method.getReturnType() == String.class ? "below" : null;
                });
    }

    /** A different tensor for each tensor asked for, so that exchanged arguments are seen. */
    private static Object[] arguments(Method operation) {
        Object[] arguments = new Object[operation.getParameterCount()];
        for (int i = 0; i < arguments.length; i++) {
            Class<?> type = operation.getParameterTypes()[i];
            arguments[i] = argument(type, i);
        }
        return arguments;
    }

    private static @Nullable Object argument(Class<?> type, int i) {
        if (type == int.class) {
            return i + 3;
        }
        if (type == double.class) {
            return i + 0.5;
        }
        if (type == Tensor.class) {
            return Tensor.zeros(DType.FLOAT32, Device.CPU, i + 1);
        }
        if (type == Optional.class) {
            return Optional.of(Tensor.zeros(DType.FLOAT32, Device.CPU, i + 1));
        }
        return type.isEnum() ? type.getEnumConstants()[1] : null;
    }
}
