package dev.cria.data.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.Progress;
import dev.cria.data.Mix64;
import dev.cria.data.source.Row;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DuplicatesTest {
    @TempDir
    Path directory;

    /** Seven documents, three of them left out of the spill, clusters by any key, through friends of friends. */
    @ParameterizedTest
    @ValueSource(ints = {Duplicates.TABLE_SLOTS, 16, 8})
    void documentsWithAnEqualKeyInTheSamePlaceBelongTogether(int slots) {
        try (KeySpill spill = KeySpill.open(directory, 2, 0)) {
            spill.append(0, new long[] {1, 10});
            spill.append(2, new long[] {2, 20});
            spill.append(3, new long[] {0, 10});
            spill.append(5, new long[] {0, 30});
            spill.append(6, new long[] {20, 2});
            spill.force();
        }
        Path answer = directory.resolve("answer");
        Duplicates.cluster(directory, 2, 8, answer, Progress.silent(), slots);
        try (Duplicates duplicates = Duplicates.open(answer)) {
            assertThat(firsts(duplicates, 8)).containsExactly(0, 1, 2, 0, 4, 0, 6, 7);
            assertThat(duplicates.clusterSizes()).containsExactly(Map.entry(3, 1L));
        }
    }

    @Test
    void severalPassesGiveTheAnswerOfOne() {
        Random random = new Random(3);
        int documents = 5_000;
        try (KeySpill spill = KeySpill.open(directory, 3, 0)) {
            for (int i = 0; i < documents; i++) {
                spill.append(i, new long[] {random.nextInt(4_000), random.nextInt(50_000), random.nextLong()});
            }
            spill.force();
        }
        List<Integer> expected = null;
        for (int slots : new int[] {1 << 14, 4096, 512}) {
            Path answer = directory.resolve("answer" + slots);
            Duplicates.cluster(directory, 3, documents, answer, Progress.silent(), slots);
            try (Duplicates duplicates = Duplicates.open(answer)) {
                List<Integer> firsts = firsts(duplicates, documents);
                expected = expected == null ? firsts : expected;
                assertThat(firsts).isEqualTo(expected);
            }
        }
    }

    @Test
    void aSpillGoesOnAfterItsCommittedDocuments() {
        try (KeySpill spill = KeySpill.open(directory, 1, 0)) {
            spill.append(0, new long[] {7});
            spill.append(1, new long[] {8});
            spill.append(2, new long[] {7});
            spill.force();
        }
        try (KeySpill spill = KeySpill.open(directory, 1, 2)) {
            spill.append(2, new long[] {8});
            spill.force();
            assertThat(spill.count()).isEqualTo(3);
        }
        Duplicates.cluster(directory, 1, 3, directory.resolve("answer"), Progress.silent());
        try (Duplicates duplicates = Duplicates.open(directory.resolve("answer"))) {
            assertThat(firsts(duplicates, 3)).containsExactly(0, 1, 1);
        }
    }

    @Test
    void exactKeysForgiveCaseAndWhiteSpaceOnly() {
        assertThat(exact("The  cat\n sat. ")).isEqualTo(exact("the cat sat."));
        assertThat(exact("the cat sat")).isNotEqualTo(exact("the cat sat."));
        assertThat(exact("thecat sat.")).isNotEqualTo(exact("the cat sat."));
        assertThat(exact("")).isEqualTo(exact(" \n"));
    }

    @Test
    void withinASnapshotOnlyItsOwnDocumentsAreDuplicates() {
        long[] first = Dedup.MINHASH.keysOf(document("one two three four five six", "CC-1"), Dedup.Scope.DUMP);
        long[] other = Dedup.MINHASH.keysOf(document("one two three four five six", "CC-2"), Dedup.Scope.DUMP);
        assertThat(first).hasSize(15).doesNotContain(other);
        assertThat(Dedup.MINHASH.keysOf(document("one two three four five six", "CC-2"), Dedup.Scope.GLOBAL))
                .isEqualTo(Dedup.MINHASH.keysOf(document("one two three four five six", "CC-1"), Dedup.Scope.GLOBAL));
    }

    /** The share of equal rows estimates the Jaccard similarity: 112 rows have a standard error of at most 0.05. */
    @Test
    void signaturesEstimateTheJaccardSimilarity() {
        for (double wanted : new double[] {0.2, 0.5, 0.9}) {
            double sum = 0;
            for (int round = 0; round < 20; round++) {
                int[][] pair = pair(round, 1_000, wanted);
                int equal = 0;
                for (int i = 0; i < pair[0].length; i++) {
                    equal += pair[0][i] == pair[1][i] ? 1 : 0;
                }
                sum += (double) equal / pair[0].length;
            }
            assertThat(sum / 20).isBetween(wanted - 0.04, wanted + 0.04);
        }
    }

    private static int[][] pair(int seed, int union, double jaccard) {
        Random random = new Random(seed);
        int common = (int) (union * jaccard);
        long[] all = random.longs(union).toArray();
        int half = (union - common) / 2;
        long[] a = Arrays.copyOf(all, common + half);
        long[] b = Arrays.copyOf(all, common + union - common - half);
        System.arraycopy(all, common + half, b, common, union - common - half);
        return new int[][] {MinHash.signature(a), MinHash.signature(b)};
    }

    @Test
    void shinglesForgiveCaseAccentsPunctuationAndNumbers() {
        assertThat(Shingles.of("Über 3 cafés, 17,5 km weit weg!"))
                .isEqualTo(Shingles.of("uber 99 cafes 4 KM weit weg"));
        assertThat(Shingles.of("a b c d e f")).hasSize(2);
        assertThat(Shingles.of("a b")).hasSize(1);
        assertThat(Shingles.of(" … ")).isEmpty();
    }

    /** Ten million documents, a tenth of them duplicates: 4 bytes each and a table of 192 MiB, far below 4 GiB. */
    @Test
    @Tag("slow")
    void tenMillionDocumentsFitInFourGibibytes() {
        int documents = 10_000_000;
        int places = Dedup.MINHASH.keys();
        try (KeySpill spill = KeySpill.open(directory, places, 0)) {
            long[] keys = new long[places];
            for (int i = 0; i < documents; i++) {
                boolean duplicate = i % 10 == 9;
                for (int place = 0; place < places; place++) {
                    boolean shared = duplicate && place == i % places;
                    keys[place] = Mix64.next(((long) place << 40) + (shared ? i - 9 : i));
                }
                spill.append(i, keys);
            }
            spill.force();
        }
        System.gc();
        long before = used();
        Duplicates.cluster(directory, places, documents, directory.resolve("answer"), Progress.silent());
        long during = used() - before;
        try (Duplicates duplicates = Duplicates.open(directory.resolve("answer"))) {
            assertThat(duplicates.clusterSizes()).containsExactly(Map.entry(2, 1_000_000L));
        }
        System.out.printf("clustering took at most %d MiB of heap%n", during >> 20);
        assertThat(during).isLessThan(1L << 30);
    }

    private static long used() {
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static long exact(String text) {
        return Dedup.EXACT.keysOf(document(text, ""), Dedup.Scope.GLOBAL)[0];
    }

    private static Row.Document document(String text, String dump) {
        return new Row.Document(
                "a", 0, Optional.empty(), text, Row.Encoding.SOUND, Optional.of(dump), OptionalDouble.empty());
    }

    private static List<Integer> firsts(Duplicates duplicates, int documents) {
        List<Integer> firsts = new ArrayList<>();
        for (int i = 0; i < documents; i++) {
            firsts.add(duplicates.firstOf(i));
        }
        return firsts;
    }
}
