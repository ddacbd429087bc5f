package dev.cria.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.tensor.TimedKernels.Kind;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
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
    void clockStandsStillUntilSomeoneWatches() {
        try (var timed = new TimedKernels(recording(new ArrayList<>()), Device.CPU);
                var x = Tensor.zeros(DType.FLOAT32, Device.CPU, 3)) {
            timed.scale(x, 2);
            assertThat(timed.seconds()).isEmpty();

            timed.watch();
            timed.scale(x, 2);
            assertThat(timed.sumOfSquares(x)).isEqualTo(42);
            assertThat(timed.seconds()).containsOnlyKeys(Kind.ELEMENTWISE, Kind.OPTIMIZER);

            timed.watch();
            assertThat(timed.seconds()).isEmpty();
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
            arguments[i] = type == double.class
                    ? (Object) (i + 0.5)
                    : type == Tensor.class
                            ? Tensor.zeros(DType.FLOAT32, Device.CPU, i + 1)
                            : type == Optional.class
                                    ? Optional.of(Tensor.zeros(DType.FLOAT32, Device.CPU, i + 1))
                                    : type.isEnum() ? type.getEnumConstants()[1] : null;
        }
        return arguments;
    }
}
