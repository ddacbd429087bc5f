package dev.cria.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SharingTest {
    private static final List<ParameterSpec> SPECS = List.of(
            ParameterSpec.matrix("a", 13, 7, 1), ParameterSpec.vector("b", 5, 1), ParameterSpec.matrix("c", 3, 7, 1));

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void ranksDifferByTheLargestParameterAtMost(int ranks) {
        var random = new SplittableRandom(ranks);
        for (int round = 0; round < 100; round++) {
            List<ParameterSpec> specs = new ArrayList<>();
            for (int i = random.nextInt(1, 40); i > 0; i--) {
                specs.add(ParameterSpec.vector("v" + i, random.nextInt(1, 5000), 0));
            }
            long[] loads = new long[ranks];
            int[] owners = new Sharing(Shard.OPTIMIZER, 0, ranks).owners(specs);
            for (int i = 0; i < owners.length; i++) {
                loads[owners[i]] += specs.get(i).elements();
            }
            long largest =
                    specs.stream().mapToLong(ParameterSpec::elements).max().orElseThrow();
            assertThat(Arrays.stream(loads).max().orElseThrow()
                            - Arrays.stream(loads).min().orElseThrow())
                    .isLessThanOrEqualTo(largest);
        }
    }

    @Test
    void eachMasterIsOnOneRankAndValuesAreOnAll() {
        int masters = 0;
        for (int rank = 0; rank < 2; rank++) {
            Sharing sharing = Sharing.of(Shard.OPTIMIZER, rank, 2);
            var storage = Storage.training(DType.BFLOAT16, DType.FLOAT32).shared(sharing);
            try (var parameters = Parameters.allocate(SPECS, Device.CPU, storage)) {
                assertThat(parameters.gradients()).isPresent();
                for (Parameter parameter : parameters.list()) {
                    masters += parameter.master().isPresent() ? 1 : 0;
                    assertThat(parameter.value().elements()).isEqualTo(parameter.elements());
                    assertThat(parameters.isElsewhere(parameter))
                            .isEqualTo(parameter.master().isEmpty());
                }
            }
        }
        assertThat(masters).isEqualTo(SPECS.size());
    }

    @Test
    void aSharedGradientHasMemoryUntilItIsDropped() {
        var storage = Storage.training(DType.FLOAT32, DType.FLOAT32).shared(Sharing.of(Shard.GRADIENTS, 0, 2));
        try (var parameters = Parameters.allocate(SPECS, Device.CPU, storage)) {
            assertThat(parameters.gradients()).isEmpty();
            Parameter first = parameters.list().getFirst();
            assertThat(first.isTrainable()).isTrue();
            Tensor gradient = first.gradient().orElseThrow();
            assertThat(gradient.toFloats()).containsOnly(0).hasSize(91);
            first.dropGradient();
            Tensor sum = Tensor.of(new float[91], 13, 7);
            first.giveGradient(sum);
            assertThat(first.gradient()).isEqualTo(Optional.of(sum));
            parameters.clearGradients();
            assertThatThrownBy(sum::toFloats).hasMessageContaining("is used after its close");
        }
    }

    @Test
    void ofOneRankNothingIsShared() {
        assertThat(Sharing.of(Shard.GRADIENTS, 0, 1)).isEqualTo(Sharing.NONE);
        assertThat(Sharing.of(Shard.NONE, 3, 4)).isEqualTo(Sharing.NONE);
    }
}
