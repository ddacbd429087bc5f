package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.cria.data.Batch;
import dev.cria.data.Shards;
import dev.cria.data.Split;
import dev.cria.data.WindowOrder;
import dev.cria.data.Windows;
import dev.cria.parallel.ParallelSection;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LanguageModellingTest {
    private static final Path OWN_FAULTS = Path.of("/proc/thread-self/stat");

    @TempDir
    private Path folder;

    /** Read one after the other, the ranks' micro-batches of a step are its windows in order. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 6})
    void theWindowsOfAStepDoNotDependOnTheNumberOfRanks(int ranks) {
        var batch = new Recipe.Batch(7, 5, 7 * 5 * 6);
        for (long step : new long[] {0, 1, 39_999}) {
            List<Long> windows = new ArrayList<>();
            for (int rank = 0; rank < ranks; rank++) {
                for (int i = 0; i < batch.accumulation(ranks); i++) {
                    long first = LanguageModelling.position(
                            batch, ParallelSection.USUAL, step * batch.accumulation(ranks) + i, rank, ranks);
                    LongStream.range(first, first + batch.microBatch()).forEach(windows::add);
                }
            }
            assertThat(windows)
                    .containsExactlyElementsOf(
                            LongStream.range(step * 30, step * 30 + 30).boxed().toList());
        }
    }

    /** 200 shards of 100 million tokens, which take no space: reading a step touches its own pages and no others. */
    @Test
    void step39999Of20BillionTokensReadsNoMoreThanStepZero() throws IOException {
        assumeThat(OWN_FAULTS).exists();
        for (int i = 1; i <= 200; i++) {
            sparse(folder.resolve("t_train_%06d.npy".formatted(i)), 100_000_000);
        }
        var step = new Recipe.Batch(1024, 32, 524_288);
        try (Shards shards = Shards.open(folder);
                Arena arena = Arena.ofConfined()) {
            assertThat(shards.tokens(Split.TRAIN)).isEqualTo(20_000_000_000L);
            for (WindowOrder order : List.of(new WindowOrder.Sequential(), new WindowOrder.Shuffled(7))) {
                Windows windows = shards.windows(Split.TRAIN, 1024, 50_304, order);
                Batch batch = Batch.allocate(arena, 32, 1024);
                windows.read(LanguageModelling.position(step, ParallelSection.USUAL, 16 * 777, 0, 1), batch);
                long atZero = faultsOf(
                        () -> windows.read(LanguageModelling.position(step, ParallelSection.USUAL, 0, 0, 1), batch));
                long late = faultsOf(() -> windows.read(
                        LanguageModelling.position(step, ParallelSection.USUAL, 16 * 39_999, 0, 1), batch));
                // A window is 2050 bytes: at most two pages for each of 32, and a few of the JVM's own.
                assertThat(late).as("%s, %d at step 0", order, atZero).isLessThan(150);
            }
        }
    }

    private static long faultsOf(Runnable work) throws IOException {
        long before = faults();
        work.run();
        return faults() - before;
    }

    /** Page faults of this thread so far, those that read from a disk included. */
    private static long faults() throws IOException {
        String[] fields =
                Files.readString(OWN_FAULTS).replaceFirst(".*\\) ", "").split(" ");
        return Long.parseLong(fields[7]) + Long.parseLong(fields[9]);
    }

    private static void sparse(Path file, long tokens) throws IOException {
        String header = "{'descr': '<u2', 'fortran_order': False, 'shape': (%d,), }".formatted(tokens);
        try (var out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0});
            out.write((header + " ".repeat(117 - header.length()) + "\n").getBytes(StandardCharsets.US_ASCII));
            out.setLength(128 + 2 * tokens);
        }
    }
}
