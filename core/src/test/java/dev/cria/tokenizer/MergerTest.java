package dev.cria.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MergerTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 15, 95, 96, 97, 98, 207, 600})
    void mergesTheLowestRankLeftmostFirst(int length) {
        for (long seed = 0; seed < 20; seed++) {
            RandomGenerator random = new Random(31 * seed + length);
            Merges merges = randomMerges(random, 3, 60);
            int[] byteIds = new int[256];
            Arrays.setAll(byteIds, b -> b % 3);
            byte[] text = new byte[length];
            for (int i = 0; i < length; i++) {
                text[i] = (byte) random.nextInt(3);
            }
            int[] ids = new int[length + 2];
            int count = new Merger(byteIds, merges).merge(text, 0, length, ids, 2);
            assertThat(Arrays.copyOfRange(ids, 2, 2 + count)).isEqualTo(byDefinition(text, merges));
            assertThat(ids).startsWith(0, 0);
        }
    }

    @Test
    void aLongRunTakesNoCubicTime() {
        Tokenizer trained = BpeTrainer.train(Stream.of("aaaaaaaa"), 259, Progress.silent());
        // 2 million squared steps would take hours; this is under a second.
        assertThat(trained.encode("a".repeat(500_001))).hasSize(125_001).startsWith(257);
    }

    /** Merges of ids below those that they make, each pair once. */
    private static Merges randomMerges(RandomGenerator random, int alphabet, int count) {
        Merges merges = new Merges(count);
        for (int id = alphabet; merges.size() < count; ) {
            int left = random.nextInt(Math.min(id, 12));
            int right = random.nextInt(Math.min(id, 12));
            if (merges.rank(left, right) == Merges.NONE) {
                merges.add(left, right, id++);
            }
        }
        return merges;
    }

    private static int[] byDefinition(byte[] text, Merges merges) {
        List<Integer> ids = new ArrayList<>();
        for (byte b : text) {
            ids.add((int) b);
        }
        while (true) {
            int best = -1;
            int bestRank = Merges.NONE;
            for (int i = 0; i + 1 < ids.size(); i++) {
                int rank = merges.rank(ids.get(i), ids.get(i + 1));
                if (rank < bestRank) {
                    bestRank = rank;
                    best = i;
                }
            }
            if (best < 0) {
                return ids.stream().mapToInt(Integer::intValue).toArray();
            }
            ids.set(best, merges.merged(bestRank));
            ids.remove(best + 1);
        }
    }
}
