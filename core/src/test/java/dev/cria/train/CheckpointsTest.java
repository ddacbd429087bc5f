package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.cria.RequestException;
import dev.cria.Said;
import dev.cria.WorkException;
import dev.cria.format.ConfigFile;
import dev.cria.run.RunFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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

    private static final Path PAPER = Path.of("../examples/dmas-1.7b.yaml");

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
            checkpoints.removeOld(step);
            assertThat(Manifest.damage(directory.resolve(RunFiles.checkpointName(step))))
                    .isEmpty();
        }
        List<String> expected = Arrays.stream(left.split(" "))
                .map(s -> RunFiles.checkpointName(Long.parseLong(s)))
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
        resumed();
        checkpoints.write(15, CheckpointsTest::twoFiles);
        checkpoints.removeOld(15);
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

        Checkpoints.find(run, OptionalLong.empty(), "pretrain", new Said());
        assertThat(names()).as("finding only reads").containsExactly("step-0000010", "step-0000020");
        assertThat(resumed()).hasFileName("step-0000010");
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
        assertThat(Checkpoints.find(run, OptionalLong.of(10), "pretrain", said).checkpoint())
                .hasFileName("step-0000010");
        var refusal = catchThrowableOfType(
                RequestException.class, () -> Checkpoints.find(run, OptionalLong.of(15), "pretrain", said));
        assertThat(refusal.error()).isEqualTo("there is no checkpoint " + directory.resolve("step-0000015"));
        assertThat(refusal.hint()).isEqualTo("--at takes one of: 20, 10");
        damage(directory.resolve("step-0000010"), Damage.FLIPPED);
        assertThatThrownBy(() -> Checkpoints.find(run, OptionalLong.of(10), "pretrain", said))
                .isInstanceOf(WorkException.class)
                .hasMessage("checkpoint " + directory.resolve("step-0000010")
                        + " is damaged: its weights has changed since it was written");
    }

    @Test
    void aRunWithoutAnyIsRefused() {
        var refusal = catchThrowableOfType(RequestException.class, this::found);
        assertThat(refusal.error()).isEqualTo(run + " has no checkpoint yet");
        assertThat(refusal.hint())
                .isEqualTo(
                        "./cria pretrain --config " + run.resolve("config.yaml") + " --out " + run + " starts it over");
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
        Checkpoints checkpoints = keeping(2, 0);
        checkpoints.write(10, CheckpointsTest::twoFiles);
        checkpoints.removeOld(10);
        assertThat(names()).containsExactly("step-0000010");
    }

    @Test
    void whatCriaDidNotWriteStays() throws IOException {
        List<String> others =
                List.of(".mine", ".stfolder", ".nfs000123", "notes", ".step-5.tmp.old", "step-99999999999999999999");
        for (String other : others) {
            Files.writeString(Files.createDirectories(directory.resolve(other)).resolve("notes.txt"), "keep me");
        }
        Checkpoints checkpoints = keeping(1, 0);
        checkpoints.write(10, CheckpointsTest::twoFiles);
        checkpoints.write(20, CheckpointsTest::twoFiles);
        checkpoints.removeOld(20);
        assertThat(found()).hasFileName("step-0000020");
        assertThat(others)
                .allSatisfy(other -> assertThat(directory.resolve(other).resolve("notes.txt"))
                        .hasContent("keep me"));
        assertThat(names()).hasSize(others.size() + 1);
    }

    /** A directory that a process may not list stands for a mount point or a file that a network keeps. */
    @Test
    void whatCannotBeRemovedStopsNoCheckpointAndIsTold() throws IOException {
        Path stuck = Files.createDirectories(directory.resolve(".doomed-step-0000001"));
        Path inside = Files.writeString(stuck.resolve("file"), "x");
        var refused = Files.getFileStore(stuck).supportsFileAttributeView("posix")
                && !"root".equals(System.getProperty("user.name"));
        assumeThat(refused).isTrue();
        Files.setPosixFilePermissions(stuck, PosixFilePermissions.fromString("r-xr-xr-x"));
        Checkpoints checkpoints = keeping(1, 0);
        checkpoints.write(10, CheckpointsTest::twoFiles);
        checkpoints.removeOld(10);
        assertThat(found()).hasFileName("step-0000010");
        assertThat(inside).exists();
        assertThat(said.lines()).singleElement().asString().contains("cannot be removed");
        Files.setPosixFilePermissions(stuck, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void theLastGoodOneStaysUntilANewerOneHasProvedGood() {
        Checkpoints checkpoints = keeping(1, 0);
        for (long step : new long[] {5, 6, 7}) {
            checkpoints.write(step, CheckpointsTest::twoFiles);
            // Step 5 was the last one whose gradient was finite.
            checkpoints.removeOld(5);
        }
        assertThat(names()).containsExactly("step-0000005", "step-0000007");
        assertThat(checkpoints.newest(5)).hasValueSatisfying(c -> assertThat(c).hasFileName("step-0000005"));
        checkpoints.removeOld(7);
        assertThat(names()).containsExactly("step-0000007");
    }

    @Test
    void anEarlierOneOfTheSameStepIsReplaced() throws IOException {
        keeping(2, 0).write(10, CheckpointsTest::twoFiles);
        keeping(2, 0).write(10, unfinished -> List.of(write(unfinished.resolve("weights"), "other")));
        assertThat(directory.resolve("step-0000010/weights")).hasContent("other");
        assertThat(directory.resolve("step-0000010/optimizer.safetensors")).doesNotExist();
    }

    /**
     * The paper's run of 43,500 steps by its example's settings, as the trainer writes and clears away, without training:
     * the checkpoints that the paper judges stand at the end, and the disk holds what plan says.
     */
    @Test
    void thePapersCheckpointsStandAtTheEndOfItsRun() throws IOException {
        Recipe recipe = ConfigFile.read(PAPER, Recipe.defaults(), List.of());
        long steps = recipe.schedule().steps();
        Checkpoints checkpoints = new Checkpoints(directory, recipe.checkpoint(), said);
        for (long step = 0; step <= steps; step++) {
            if (step == steps || recipe.checkpoint().isDue(step)) {
                checkpoints.write(step, CheckpointsTest::weightsAndMoments);
                checkpoints.removeOld(step == steps ? Long.MAX_VALUE : step - 1);
            }
        }
        List<Long> left = new RunFiles(run)
                .checkpoints().reversed().stream()
                        .map(c -> RunFiles.step(c).orElseThrow())
                        .toList();
        assertThat(steps).isEqualTo(43_500);
        assertThat(left)
                .isEqualTo(recipe.checkpoint().left(steps))
                .contains(0L, 1L, 2L, 512L, 1_000L, 40_000L)
                .contains(2_700L, 3_300L, 5_100L, 7_500L, 15_700L, 20_000L, 23_900L, 35_000L, 40_500L, 43_250L, 43_500L)
                .hasSize(66);
        List<Path> whole = new RunFiles(run)
                .checkpoints().stream()
                        .filter(c -> Files.exists(c.resolve("optimizer.safetensors")))
                        .toList();
        assertThat(whole).hasSize(recipe.checkpoint().keep()).first().asString().endsWith("step-0043500");
        assertThat(new RunFiles(run).checkpoints())
                .allSatisfy(c -> assertThat(Manifest.damage(c)).isEmpty());
        try (Stream<Path> files = Files.walk(directory)) {
            long bytes = files.filter(f -> f.toString().endsWith(".safetensors"))
                    .mapToLong(f -> f.toFile().length())
                    .sum();
            assertThat(bytes).isEqualTo(66 * 4 + 5 * 8);
        }
        assertThat(TrainingPlan.of(ConfigFile.read(PAPER, Recipe.defaults(), List.of("device=cpu")))
                        .toText(TrainingPlan.stated(1), 1e12, 0))
                .contains("5 checkpoints with moments, 61 of weights only");
    }

    @Test
    void ofWeightsOnlyNothingResumesButByRequest() throws IOException {
        var settings = new Recipe.Checkpoint(10, 1, 10, List.of(), false, true, false);
        Checkpoints checkpoints = new Checkpoints(directory, settings, said);
        checkpoints.write(10, CheckpointsTest::weightsAndMoments);
        checkpoints.write(20, CheckpointsTest::weightsAndMoments);
        checkpoints.write(30, CheckpointsTest::weightsAndMoments);
        checkpoints.removeOld(29);
        assertThat(directory.resolve("step-0000010/optimizer.safetensors")).doesNotExist();
        // The newest whose next step was good keeps its moments, for the training may have to go back to it.
        assertThat(directory.resolve("step-0000020/optimizer.safetensors")).exists();
        Path weights =
                Checkpoints.find(run, OptionalLong.of(10), "pretrain", said).checkpoint();
        assertThatThrownBy(() -> Checkpoints.requireMoments(weights)).hasMessageContaining("is of weights only");
        Checkpoints.requireMoments(
                Checkpoints.find(run, OptionalLong.of(20), "pretrain", said).checkpoint());

        checkpoints.removeOld(30);
        Files.delete(directory.resolve("step-0000030/weights.safetensors"));
        assertThatThrownBy(this::found)
                .hasMessage("of the 3 checkpoints of " + run + " 1 are damaged and the others of weights only");
    }

    @Test
    void aCheckpointThatLostItsMomentsHalfwayIsWholeAndLosesTheRest() throws IOException {
        var settings = new Recipe.Checkpoint(10, 1, 10, List.of(), false, true, false);
        Checkpoints checkpoints = new Checkpoints(directory, settings, said);
        checkpoints.write(10, CheckpointsTest::weightsAndMoments);
        // Killed after the manifest was written.
        Manifest.leaveOut(directory.resolve("step-0000010"), f -> f.toString().contains("optimizer"));
        assertThat(Manifest.damage(directory.resolve("step-0000010"))).isEmpty();
        checkpoints.write(20, CheckpointsTest::weightsAndMoments);
        checkpoints.removeOld(20);
        assertThat(directory.resolve("step-0000010/optimizer.safetensors")).doesNotExist();
        assertThat(said.lines()).isEmpty();
    }

    private static List<Path> weightsAndMoments(Path unfinished) {
        return List.of(
                write(unfinished.resolve("weights.safetensors"), "4444"),
                write(unfinished.resolve("optimizer.safetensors"), "88888888"));
    }

    private Checkpoints keeping(int keep, int keepEvery) {
        return new Checkpoints(
                directory, new Recipe.Checkpoint(1, keep, keepEvery, List.of(), false, false, false), said);
    }

    private Path found() {
        return Checkpoints.find(run, OptionalLong.empty(), "pretrain", said).checkpoint();
    }

    /** As when the run is taken over. */
    private Path resumed() {
        var found = Checkpoints.find(run, OptionalLong.empty(), "pretrain", said);
        found.markPassedOver(said);
        return found.checkpoint();
    }

    private static List<Path> twoFiles(Path unfinished) {
        return List.of(
                write(unfinished.resolve("weights"), "0123456789"),
                write(unfinished.resolve("optimizer.safetensors"), "abcdef"));
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
