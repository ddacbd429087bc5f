package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cria.RequestException;
import dev.cria.WorkException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CheckpointsTest {
    @TempDir
    private Path run;

    private Path directory = Path.of("");
    private final Said said = new Said();

    @BeforeEach
    void makeDirectory() throws IOException {
        directory = Files.createDirectories(run.resolve("checkpoints"));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0, 10, '10'",
        "3, 0, 10, '8 9 10'",
        "20, 0, 4, '1 2 3 4'",
        "2, 4, 10, '4 8 9 10'",
        "1, 5, 10, '5 10'",
        "1, 1, 3, '1 2 3'"
    })
    void theNewestAndEveryNthStay(int keep, int keepEvery, int written, String left) {
        Checkpoints checkpoints = keeping(keep, keepEvery);
        for (int step = 1; step <= written; step++) {
            checkpoints.write(step, CheckpointsTest::twoFiles);
            assertThat(Manifest.damage(directory.resolve(Checkpoints.name(step))))
                    .isEmpty();
        }
        List<String> expected = Arrays.stream(left.split(" "))
                .map(s -> Checkpoints.name(Long.parseLong(s)))
                .toList();
        assertThat(names()).containsExactlyElementsOf(expected);
    }

    /** A damaged newer one takes no place among those to be kept: the last good one would go. */
    @Test
    void withOneToKeepTheLastGoodOneStaysBesideADamagedNewerOne() throws IOException {
        Checkpoints checkpoints = keeping(1, 0);
        keeping(9, 0).write(10, CheckpointsTest::twoFiles);
        keeping(9, 0).write(20, CheckpointsTest::twoFiles);
        Files.delete(directory.resolve("step-0000020/weights"));
        assertThat(found()).hasFileName("step-0000010");
        checkpoints.write(15, CheckpointsTest::twoFiles);
        assertThat(names()).containsExactly("damaged-step-0000020", "step-0000015");
        assertThat(found()).hasFileName("step-0000015");
    }

    private enum Damage {
        TRUNCATED,
        FLIPPED,
        MISSING,
        NO_MANIFEST,
        HALF_A_MANIFEST,
        EMPTY_MANIFEST
    }

    @ParameterizedTest
    @CsvSource({
        "TRUNCATED, its weights has another size than when it was written",
        "FLIPPED, its weights has changed since it was written",
        "MISSING, its weights is missing",
        "NO_MANIFEST, its manifest.json is missing or damaged",
        "HALF_A_MANIFEST, its manifest.json is missing or damaged",
        "EMPTY_MANIFEST, its manifest.json lists no files"
    })
    void aDamagedOneIsNamedAndTheOneBeforeItIsTaken(Damage damage, String reason) throws IOException {
        keeping(9, 0).write(10, CheckpointsTest::twoFiles);
        keeping(9, 0).write(20, CheckpointsTest::twoFiles);
        Path newest = directory.resolve("step-0000020");
        damage(newest, damage);

        assertThat(found()).hasFileName("step-0000010");
        assertThat(said.lines())
                .containsExactly(
                        "warning: checkpoint " + newest + " is damaged (" + reason + "); trying the one before it",
                        "the damaged checkpoint is now " + directory.resolve("damaged-step-0000020")
                                + "; it can be deleted");
        assertThat(names()).containsExactly("damaged-step-0000020", "step-0000010");
    }

    private static void damage(Path checkpoint, Damage damage) throws IOException {
        Path weights = checkpoint.resolve("weights");
        Path manifest = checkpoint.resolve("manifest.json");
        byte[] bytes = Files.readAllBytes(weights);
        switch (damage) {
            case TRUNCATED -> Files.write(weights, Arrays.copyOf(bytes, bytes.length - 1));
            case FLIPPED -> {
                bytes[3] ^= 1;
                Files.write(weights, bytes);
            }
            case MISSING -> Files.delete(weights);
            case NO_MANIFEST -> Files.delete(manifest);
            case HALF_A_MANIFEST -> Files.write(manifest, Arrays.copyOf(Files.readAllBytes(manifest), 20));
            case EMPTY_MANIFEST -> Files.writeString(manifest, "{\"files\": {}}");
        }
    }

    @Test
    void whereAllAreDamagedThatIsSaidAndNoneIsRenamed() throws IOException {
        keeping(9, 0).write(10, CheckpointsTest::twoFiles);
        damage(directory.resolve("step-0000010"), Damage.MISSING);
        var failure = catchThrowableOfType(WorkException.class, this::found);
        assertThat(failure.error()).isEqualTo("all 1 checkpoints of " + run + " are damaged");
        assertThat(names()).containsExactly("step-0000010");
    }

    @Test
    void aCertainStepIsTakenOrRefused() throws IOException {
        keeping(9, 0).write(10, CheckpointsTest::twoFiles);
        keeping(9, 0).write(20, CheckpointsTest::twoFiles);
        assertThat(Checkpoints.find(run, OptionalLong.of(10), said)).hasFileName("step-0000010");
        var refusal =
                catchThrowableOfType(RequestException.class, () -> Checkpoints.find(run, OptionalLong.of(15), said));
        assertThat(refusal.error()).isEqualTo("there is no checkpoint " + directory.resolve("step-0000015"));
        assertThat(refusal.hint()).isEqualTo("--at takes one of: 20, 10");
        damage(directory.resolve("step-0000010"), Damage.FLIPPED);
        assertThatThrownBy(() -> Checkpoints.find(run, OptionalLong.of(10), said))
                .isInstanceOf(WorkException.class)
                .hasMessage("checkpoint " + directory.resolve("step-0000010")
                        + " is damaged: its weights has changed since it was written");
    }

    @Test
    void aRunWithoutAnyIsRefused() {
        var refusal = catchThrowableOfType(RequestException.class, this::found);
        assertThat(refusal.error()).isEqualTo(run + " has no checkpoint yet");
        assertThat(refusal.hint()).isEqualTo("start it again with --config and another --out");
    }

    @Test
    void aWriteThatFailsHalfwayLeavesTheOthersAndNothingOfItself() {
        Checkpoints checkpoints = keeping(1, 0);
        checkpoints.write(10, CheckpointsTest::twoFiles);
        assertThatThrownBy(() -> checkpoints.write(20, unfinished -> {
                    twoFiles(unfinished);
                    throw new WorkException("no space left on device", "df -h");
                }))
                .hasMessage("no space left on device");
        assertThat(names()).containsExactly("step-0000010");
        assertThat(found()).hasFileName("step-0000010");
    }

    @Test
    void whatKilledProcessesLeftIsClearedAwayByTheNextWrite() throws IOException {
        for (String left : List.of(".step-0000005.tmp", ".doomed-step-0000001", ".replaced-step-0000003")) {
            twoFiles(Files.createDirectories(directory.resolve(left)));
        }
        keeping(2, 0).write(10, CheckpointsTest::twoFiles);
        assertThat(names()).containsExactly("step-0000010");
    }

    @Test
    void anEarlierOneOfTheSameStepIsReplaced() throws IOException {
        keeping(2, 0).write(10, CheckpointsTest::twoFiles);
        keeping(2, 0).write(10, unfinished -> List.of(write(unfinished.resolve("weights"), "other")));
        assertThat(directory.resolve("step-0000010/weights")).hasContent("other");
        assertThat(found()).hasFileName("step-0000010");
    }

    private Checkpoints keeping(int keep, int keepEvery) {
        return new Checkpoints(directory, new Recipe.Checkpoint(1, keep, keepEvery, false));
    }

    private Path found() {
        return Checkpoints.find(run, OptionalLong.empty(), said);
    }

    private static List<Path> twoFiles(Path unfinished) {
        return List.of(
                write(unfinished.resolve("weights"), "0123456789"), write(unfinished.resolve("state"), "abcdef"));
    }

    private static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> names() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
