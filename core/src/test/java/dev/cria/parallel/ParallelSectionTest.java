package dev.cria.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cria.RequestException;
import dev.cria.nn.Shard;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ParallelSectionTest {

    @ParameterizedTest
    @EnumSource(Shard.class)
    void everyMicroBatchOfAStepIsOneRanks(Shard shard) {
        var section = new ParallelSection(true, shard);
        for (int ranks : new int[] {1, 2, 3, 6}) {
            long each = 6 / ranks;
            assertThat(IntStream.range(0, ranks).boxed().flatMap(r -> LongStream.range(0, each)
                            .mapToObj(k -> section.place(k, each, r, ranks))))
                    .containsExactlyInAnyOrder(0L, 1L, 2L, 3L, 4L, 5L);
        }
    }

    @Test
    void aRanksMicroBatchesAreABranchOfTheTree() {
        assertThat(allowed(new ParallelSection(true, Shard.NONE), 12)).containsExactly(1, 3, 6, 12);
        assertThat(allowed(new ParallelSection(true, Shard.OPTIMIZER), 16)).containsExactly(1, 2, 4, 8, 16);
    }

    @Test
    void aRoundOfRanksIsABranchOfTheTreeWhereGradientsAreShared() {
        assertThat(allowed(new ParallelSection(true, Shard.GRADIENTS), 12)).containsExactly(1, 2, 4, 12);
    }

    @Test
    void withoutAnOrderEveryEvenCutWillDo() {
        assertThat(allowed(ParallelSection.USUAL, 12)).containsExactly(1, 2, 3, 4, 6, 12);
        assertThat(allowed(new ParallelSection(false, Shard.GRADIENTS), 12)).containsExactly(1, 2, 3, 4, 6, 12);
    }

    @Test
    void refusesRanksThatHaveNoBranchAndNamesThoseThatHave() {
        var own = refusal(new ParallelSection(true, Shard.NONE), 12, 2);
        assertThat(own.error())
                .isEqualTo(
                        "parallel.reproducible is true and a step's 12 micro-batches cannot be added up in one order:"
                                + " 6 for each of 2 ranks are no power of two");
        assertThat(own.hint())
                .isEqualTo("--nproc-per-node with one of 1, 3, 6, 12; or --set parallel.reproducible=false");
        var rounds = refusal(new ParallelSection(true, Shard.GRADIENTS), 12, 6);
        assertThat(rounds.error())
                .isEqualTo(
                        "parallel.reproducible is true and a step's 12 micro-batches cannot be added up in one order:"
                                + " 6 ranks are no power of two");
        assertThat(rounds.hint())
                .isEqualTo("--nproc-per-node with one of 1, 2, 4, 12; or --set parallel.reproducible=false");
    }

    @Test
    void aTreeOfSixteenKeepsFourSums() {
        assertThat(IntStream.of(1, 2, 3, 4, 16).map(n -> new ParallelSection(true, Shard.NONE).partialSums(n, 2)))
                .containsExactly(0, 1, 2, 2, 4);
        assertThat(new ParallelSection(false, Shard.GRADIENTS).partialSums(16, 2))
                .isOne();
        assertThat(new ParallelSection(false, Shard.GRADIENTS).partialSums(16, 1))
                .isZero();
        assertThat(ParallelSection.USUAL.partialSums(16, 2)).isZero();
    }

    private static List<Integer> allowed(ParallelSection section, long microBatches) {
        return IntStream.rangeClosed(1, (int) microBatches)
                .filter(ranks -> section.allows(microBatches, ranks))
                .boxed()
                .toList();
    }

    private static RequestException refusal(ParallelSection section, long microBatches, int ranks) {
        return catchThrowableOfType(RequestException.class, () -> section.check(microBatches, ranks));
    }
}
