package dev.cria.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.format.Npy;
import dev.cria.format.NpyType;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WindowsTest {
    private static final WindowOrder SEQUENTIAL = new WindowOrder.Sequential();

    @TempDir
    Path directory;

    /** 0 … 9 is three windows of 3; 100 … 103 is one; 200 … 202 is none; 300 … 306 is two. */
    private Shards fourShards() {
        shard("c_train_000001", 0, 10);
        shard("c_train_000002", 100, 4);
        shard("c_train_000003", 200, 3);
        shard("c_train_000004", 300, 7);
        shard("c_val_000000", 400, 5);
        return Shards.open(directory);
    }

    @Test
    void windowsLieAsTheContractSays() {
        try (Shards shards = fourShards()) {
            Windows windows = shards.windows(Split.TRAIN, 3, 1000, SEQUENTIAL);
            assertThat(windows.count()).isEqualTo(6);
            assertThat(firsts(windows, 0, 8)).containsExactly(0L, 3L, 6L, 100L, 300L, 303L, 0L, 3L);
            assertThat(firsts(windows, 6_000_000_000_003L, 2)).containsExactly(100L, 300L);
            assertThat(windows.epochOf(5)).isZero();
            assertThat(windows.epochOf(6)).isEqualTo(1);
            assertThat(shards.tokens(Split.TRAIN)).isEqualTo(24);
            assertThat(firsts(shards.windows(Split.VALIDATION, 4, 1000, SEQUENTIAL), 0, 2))
                    .containsExactly(400L, 400L);
        }
    }

    @Test
    void targetsAreTheInputsMovedOnByOne() {
        try (Shards shards = fourShards();
                Arena arena = Arena.ofConfined()) {
            Batch batch = Batch.allocate(arena, 2, 3);
            shards.windows(Split.TRAIN, 3, 1000, SEQUENTIAL).read(2, batch);
            for (int column = 0; column < 3; column++) {
                assertThat(batch.input(0, column)).isEqualTo(6 + column);
                assertThat(batch.target(0, column)).isEqualTo(7 + column);
                assertThat(batch.input(1, column)).isEqualTo(100 + column);
                assertThat(batch.target(1, column)).isEqualTo(101 + column);
            }
        }
    }

    @Test
    void aShuffledEpochUsesEveryWindowOnceAndTheNextOneInAnotherOrder() {
        shard("c_train_000001", 0, 401);
        try (Shards shards = Shards.open(directory)) {
            Windows windows = shards.windows(Split.TRAIN, 4, 1000, new WindowOrder.Shuffled(1337));
            List<Long> first = firsts(windows, 0, 100);
            List<Long> second = firsts(windows, 100, 100);
            assertThat(first).isNotEqualTo(second).doesNotHaveDuplicates().hasSize(100);
            assertThat(new HashSet<>(second)).isEqualTo(new HashSet<>(first));
            assertThat(firsts(windows, 37, 10)).as("seeking").isEqualTo(first.subList(37, 47));
        }
    }

    @Test
    void microBatchesInTheBackgroundAreThoseReadDirectly() {
        try (Shards shards = fourShards();
                Prefetch prefetch = Prefetch.start(shards.windows(Split.TRAIN, 3, 1000, SEQUENTIAL), 2, k -> 4 * k)) {
            for (int k = 0; k < 20; k++) {
                Batch batch = prefetch.next();
                List<Long> expected = firsts(shards.windows(Split.TRAIN, 3, 1000, SEQUENTIAL), 4L * k, 2);
                assertThat(List.of(batch.input(0, 0), batch.input(1, 0))).isEqualTo(expected);
            }
        }
    }

    @Test
    void aTokenBeyondTheVocabularyIsRefusedNamingShardAndPlaceAlsoInTheBackground() {
        try (Shards shards = fourShards();
                Prefetch prefetch = Prefetch.start(shards.windows(Split.TRAIN, 3, 302, SEQUENTIAL), 1, k -> k)) {
            for (int k = 0; k < 4; k++) {
                prefetch.next();
            }
            for (int again = 0; again < 2; again++) {
                assertThatThrownBy(prefetch::next)
                        .isInstanceOf(RequestException.class)
                        .hasMessageContaining("c_train_000004.npy holds token 302 at position 2")
                        .hasMessageContaining("vocabulary ends at 301");
            }
        }
    }

    @Test
    void aTokenOf32BitsIsNotTakenForASmallOne() {
        Npy.write(directory.resolve("c_train_000001.npy"), NpyType.UINT32, new int[] {1, -1, 70_000});
        try (Shards shards = Shards.open(directory);
                Arena arena = Arena.ofConfined()) {
            Windows windows = shards.windows(Split.TRAIN, 2, 100_000, SEQUENTIAL);
            assertThatThrownBy(() -> windows.read(0, Batch.allocate(arena, 1, 2)))
                    .hasMessageContaining("token 4294967295 at position 1");
        }
    }

    @Test
    void aCorpusShorterThanOneWindowIsRefused() {
        try (Shards shards = fourShards()) {
            assertThatThrownBy(() -> shards.windows(Split.VALIDATION, 5, 1000, SEQUENTIAL))
                    .isInstanceOf(RequestException.class)
                    .hasMessageContaining("c_val_000000.npy")
                    .hasMessageContaining("has 5 tokens; one window needs")
                    .hasMessageContaining("sequence_length + 1 = 6");
        }
    }

    @Test
    void directoriesWithoutShardsAreRefused() throws Exception {
        assertThatThrownBy(() -> Shards.open(directory.resolve("none")))
                .hasMessageContaining("is not a directory of shards");
        Files.writeString(directory.resolve("notes.txt"), "no shard");
        assertThatThrownBy(() -> Shards.open(directory)).hasMessageContaining("holds no *_train_*.npy");
        shard("c_train_000001", 0, 10);
        try (Shards shards = Shards.open(directory)) {
            assertThatThrownBy(() -> shards.windows(Split.VALIDATION, 3, 1000, SEQUENTIAL))
                    .hasMessageContaining("holds no *_val_*.npy");
        }
    }

    private void shard(String name, int from, int count) {
        Npy.write(
                directory.resolve(name + ".npy"),
                NpyType.UINT16,
                IntStream.range(from, from + count).toArray());
    }

    private static List<Long> firsts(Windows windows, long position, int rows) {
        try (Arena arena = Arena.ofConfined()) {
            Batch batch = Batch.allocate(arena, rows, windows.sequenceLength());
            windows.read(position, batch);
            List<Long> firsts = new ArrayList<>();
            for (int row = 0; row < rows; row++) {
                firsts.add(batch.input(row, 0));
            }
            return firsts;
        }
    }
}
