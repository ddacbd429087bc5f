package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cria.RequestException;
import dev.cria.Said;
import dev.cria.WorkException;
import dev.cria.data.ShardManifest;
import dev.cria.format.AtomicFiles;
import dev.cria.format.ConfigFile;
import dev.cria.format.Npy;
import dev.cria.format.NpyType;
import dev.cria.model.SmallDirectories;
import dev.cria.parallel.Ranks;
import dev.cria.run.RunDirectory;
import dev.cria.run.RunDirectory.Leftover;
import dev.cria.run.RunFiles;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.train.Runs.OptimizerState;
import dev.cria.train.Runs.Resume;
import dev.cria.train.Trainer.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A start, a resume and a fork are transactions: what is refused has changed nothing. */
final class RunsTest {
    private static final Tokenizer TOKENIZER = SmallDirectories.TOKENIZER;

    @TempDir
    private Path folder;

    private final Said said = new Said();
    private Path run = Path.of("");
    private Path data = Path.of("");

    @BeforeEach
    void writeData() throws IOException {
        run = folder.resolve("run");
        data = folder.resolve("data");
        Tokenizers.save(TOKENIZER, Files.createDirectories(folder.resolve("tokenizer")));
        shards(data, TOKENIZER);
    }

    private static void shards(Path directory, Tokenizer tokenizer) throws IOException {
        Files.createDirectories(directory);
        int[] tokens = IntStream.range(0, 3000).map(i -> (i * i + i / 7) % 300).toArray();
        List<ShardManifest.ShardInfo> infos = new ArrayList<>();
        for (String name : List.of("t_val_000000.npy", "t_train_000001.npy")) {
            Npy.write(directory.resolve(name), NpyType.UINT16, tokens);
            String sha256 = AtomicFiles.sha256(directory.resolve(name));
            infos.add(new ShardManifest.ShardInfo(name, name.contains("val") ? "validation" : "train", 3000, sha256));
        }
        var info = new ShardManifest.TokenizerInfo("somewhere", tokenizer.fingerprint(), tokenizer.vocabularySize(), 0);
        new ShardManifest(info, Map.of(), 1, 1, 1, 6000, infos).write(directory);
    }

    private Recipe recipe(String... settings) {
        List<String> all = new ArrayList<>(List.of(
                "model.hidden_size=32",
                "model.intermediate_size=48",
                "model.num_hidden_layers=1",
                "model.num_attention_heads=2",
                "model.vocab_size=320",
                ConfigFile.setting("tokenizer", folder.resolve("tokenizer").toString()),
                ConfigFile.setting("data.path", data.toString()),
                ConfigFile.setting("out", run.toString()),
                "batch.sequence_length=16",
                "batch.micro_batch=2",
                "batch.tokens_per_step=64",
                "schedule.steps=12",
                "schedule.warmup_steps=2",
                "precision.compute=fp32",
                "validation={every: 3, batches: 1}",
                "samples={every: 4, count: 1, max_new_tokens: 2}",
                "checkpoint={every: 4, keep: 9, async: false}",
                "device=cpu"));
        all.addAll(List.of(settings));
        return ConfigFile.defaults(Recipe.defaults(), all);
    }

    private Runs<Recipe> runs() {
        return Pretraining.runs(said, Ranks.solo(), Interruption.never());
    }

    private Outcome resume(String... settings) {
        return runs().resume(Resume.of(run, List.of(settings)));
    }

    /** A run that was killed after step 9: its last checkpoint is of step 8. */
    private void killedRun() throws IOException {
        runs().start(recipe(), Optional.empty());
        delete(run.resolve("checkpoints/step-0000012"));
        said.lines().clear();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data.path=/nope",
                "device=cuda:7",
                "optimizer.state=int8",
                "batch.sequence_length=1000000",
                "batch.tokens_per_step=100",
                "model.hidden_size=64",
                "model.rope_theta=7",
                "tokenizer=gpt2",
                "benchmarks={every: 3, path: /nope}",
                "schedule.warmup_steps=-1",
                "optimiser.eps=1"
            })
    void aRefusedResumeHasChangedNotAByte(String setting) throws IOException {
        killedRun();
        Map<String, String> before = content(run);
        assertThat(catchThrowableOfType(RequestException.class, () -> resume(setting)))
                .isNotNull();
        assertThat(content(run)).isEqualTo(before);
        Path fork = folder.resolve("fork");
        var request = Resume.fork(run, 4, OptimizerState.RESTORED, fork, List.of(setting));
        assertThat(catchThrowableOfType(RequestException.class, () -> runs().resume(request)))
                .isNotNull();
        assertThat(content(run)).isEqualTo(before);
        assertThat(fork).doesNotExist();
        resume();
        assertThat(new RunFiles(run).steps()).isEqualTo(12);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"data.path=/nope", "device=cuda:7", "optimizer.state=int8", "batch.sequence_length=1000000"})
    void aFinishedRunRefusesWhatItCouldNotResumeWith(String setting) throws IOException {
        runs().start(recipe(), Optional.empty());
        Map<String, String> before = content(run);
        assertThat(catchThrowableOfType(RequestException.class, () -> resume(setting)))
                .isNotNull();
        assertThat(resume()).isEqualTo(Outcome.FINISHED);
        assertThat(content(run)).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "batch.sequence_length=2999",
                "benchmarks={every: 3, path: /nope}",
                "batch.tokens_per_step=100",
                "tokenizer=gpt2",
                "model.num_attention_heads=5",
                "batch.micro_batch=100000000"
            })
    void aStartThatIsRefusedLeavesNoDirectory(String setting) {
        assertThat(catchThrowableOfType(RequestException.class, () -> runs().start(recipe(setting), Optional.empty())))
                .isNotNull();
        assertThat(run).doesNotExist();
    }

    @Test
    void aStartThatWasKilledBeforeItsFirstStepIsStartedOver() throws IOException {
        RunDirectory.claim(run, "pretrain", Leftover.REFUSED).close();
        Files.writeString(run.resolve("config.yaml"), ConfigFile.toYaml(recipe()));
        var refusal = catchThrowableOfType(RequestException.class, this::resume);
        assertThat(refusal.error()).isEqualTo(run + " has no checkpoint yet");
        assertThat(refusal.hint())
                .isEqualTo("./cria pretrain --config %s --out %s starts it over"
                        .formatted(run.resolve("config.yaml"), run));
        assertThat(runs().start(recipe(), Optional.empty())).isEqualTo(Outcome.FINISHED);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "batch.tokens_per_step=128|changed    batch.tokens_per_step: 64 → 128; step 8 begins at window 64, not"
                        + " 32: windows 32 to 63 are left out",
                "batch.tokens_per_step=32|changed    batch.tokens_per_step: 64 → 32; step 8 begins at window 16, not"
                        + " 32: windows 16 to 31 come again",
                "schedule.learning_rate=1e-3|changed    schedule.learning_rate: 6.0E-4 → 0.001; the learning rate"
                        + " follows a different curve from here",
                "optimizer.weight_decay=0.2|changed    optimizer.weight_decay: 0.1 → 0.2",
                "seed=2|changed    seed: 1337 → 2; samples have other seeds",
                "data.order=shuffled|changed    data.order: sequential → shuffled; windows come in another order: some"
                        + " again in this epoch, others not at all"
            })
    void whatChangesOnResumeIsSaidAndWritten(String setting, String words) throws IOException {
        killedRun();
        resume(setting);
        assertThat(said.lines()).contains(words);
        Recipe now = ConfigFile.read(run.resolve("config.yaml"), Recipe.defaults(), List.of());
        assertThat(ConfigFile.flat(now)).isEqualTo(ConfigFile.flat(recipe(setting)));
    }

    @Test
    void aChangeOfTheConfigurationFileIsSaidOrRefusedAsOneOfTheCommandLineIs() throws IOException {
        killedRun();
        Path config = run.resolve("config.yaml");
        String written = Files.readString(config);
        Files.writeString(config, written.replace("hidden_size: 32", "hidden_size: 64"));
        var refusal = catchThrowableOfType(RequestException.class, this::resume);
        assertThat(refusal.error()).isEqualTo("model.hidden_size is 64 and was 32; a run keeps its model");
        Files.writeString(config, written.replace("tokens_per_step: 64", "tokens_per_step: 128"));
        resume();
        assertThat(said.lines()).anyMatch(line -> line.startsWith("changed    batch.tokens_per_step: 64 → 128"));
    }

    @Test
    void otherShardsInTheSamePlaceAreRefused() throws IOException {
        killedRun();
        Path shard = data.resolve("t_train_000001.npy");
        byte[] bytes = Files.readAllBytes(shard);
        bytes[bytes.length - 2] ^= 1;
        Files.write(shard, bytes);
        Files.setLastModifiedTime(shard, FileTime.from(Instant.now().plusSeconds(5)));
        Map<String, String> before = content(run);
        var refusal = catchThrowableOfType(RequestException.class, this::resume);
        assertThat(refusal.error())
                .startsWith(data + " has changed since the checkpoint was written: t_train_000001.npy has sha256 ");
        assertThat(content(run)).isEqualTo(before);

        Path other = folder.resolve("other");
        shards(other, TOKENIZER);
        Npy.write(other.resolve("t_train_000002.npy"), NpyType.UINT16, new int[100]);
        resume(ConfigFile.setting("data.path", other.toString()));
        assertThat(said.lines()).contains("changed    the data: t_train_000002.npy is new");
    }

    @Test
    void aForkOnlyReadsItsSource() throws IOException {
        runs().start(recipe(), Optional.empty());
        Files.writeString(run.resolve("eval.json"), "{}");
        Files.delete(run.resolve(".lock"));
        Map<String, String> before = content(run);
        Path fork = folder.resolve("fork");
        try (Stream<Path> all = Files.walk(run)) {
            for (Path path : all.toList()) {
                Files.setPosixFilePermissions(
                        path, PosixFilePermissions.fromString(Files.isDirectory(path) ? "r-xr-xr-x" : "r--r--r--"));
            }
        }
        runs().resume(Resume.fork(run, 4, OptimizerState.RESTORED, fork, List.of()));
        assertThat(content(run)).isEqualTo(before);
        assertThat(fork.resolve("eval.json")).doesNotExist();
        assertThat(new RunFiles(fork).steps()).isEqualTo(12);
        try (Stream<Path> all = Files.walk(run)) {
            for (Path path : all.filter(Files::isDirectory).toList()) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
    }

    @Test
    void whatIsKeptForStudyIsForkedWithoutMomentsAlone() throws IOException {
        runs().start(
                        recipe("checkpoint={every: 2, keep: 2, keep_every: 4, weights_only: true, async: false}"),
                        Optional.empty());
        Path kept = run.resolve("checkpoints/step-0000004");
        assertThat(kept.resolve("model.safetensors")).isRegularFile();
        assertThat(kept.resolve("optimizer.safetensors")).doesNotExist();
        Map<String, String> before = content(run);
        Path fork = folder.resolve("fork");
        var restored = Resume.fork(run, 4, OptimizerState.RESTORED, fork, List.of());
        assertThat(catchThrowableOfType(RequestException.class, () -> runs().resume(restored)))
                .hasMessage(kept + " is of weights only (checkpoint.weights_only): its optimizer's state is gone");
        assertThat(fork).doesNotExist();
        runs().resume(Resume.fork(run, 4, OptimizerState.FORGOTTEN, fork, List.of()));
        assertThat(new RunFiles(fork).steps()).isEqualTo(12);
        assertThat(content(run)).isEqualTo(before);

        delete(run.resolve("checkpoints/step-0000012"));
        resume();
        assertThat(new RunFiles(run).steps()).isEqualTo(12);
        delete(run.resolve("checkpoints/step-0000012"));
        delete(run.resolve("checkpoints/step-0000010"));
        assertThat(catchThrowableOfType(WorkException.class, this::resume))
                .hasMessageContaining("are damaged and the others of weights only");
    }

    @Test
    void aForkIntoItsSourceIsRefused() throws IOException {
        killedRun();
        Map<String, String> before = content(run);
        var inside = Resume.fork(run, 4, OptimizerState.RESTORED, run.resolve("inside"), List.of());
        assertThat(catchThrowableOfType(RequestException.class, () -> runs().resume(inside))
                        .error())
                .isEqualTo("--out " + run.resolve("inside") + " lies in the run that is forked, " + run);
        assertThat(content(run)).isEqualTo(before);
    }

    @Test
    void aRunThatIsBeingWrittenCanBeForkedAndNotResumed() throws IOException {
        killedRun();
        try (RunDirectory held = RunDirectory.hold(run)) {
            assertThat(held.path()).isEqualTo(run);
            var refusal = catchThrowableOfType(RequestException.class, this::resume);
            assertThat(refusal.error()).isEqualTo(run + " is being written by another process");
            runs().resume(Resume.fork(run, 8, OptimizerState.RESTORED, folder.resolve("fork"), List.of()));
        }
        assertThat(new RunFiles(folder.resolve("fork")).steps()).isEqualTo(12);
    }

    @Test
    void aRelativePathThatIsElsewhereIsToldWithWhatItWasRelativeTo() throws IOException {
        killedRun();
        Path state = run.resolve("checkpoints/step-0000008/trainer_state.json");
        String here = Path.of("").toAbsolutePath().toString();
        String text = Files.readString(state)
                .replace("\"directory\" : \"" + here + "\"", "\"directory\" : \"/elsewhere\"")
                .replace("\"data.path\" : \"" + data + "\"", "\"data.path\" : \"data/x\"");
        Files.writeString(state, text);
        Files.writeString(
                run.resolve("config.yaml"),
                Files.readString(run.resolve("config.yaml")).replace(data.toString(), "data/x"));
        // The state is not what its manifest says any more: that is another matter.
        Path checkpoint = run.resolve("checkpoints/step-0000008");
        try (Stream<Path> files = Files.list(checkpoint)) {
            Manifest.write(
                    checkpoint, files.filter(f -> !f.endsWith("manifest.json")).toList());
        }
        var refusal = catchThrowableOfType(RequestException.class, this::resume);
        assertThat(refusal.error())
                .isEqualTo("data.path is data/x, relative to /elsewhere where the run was trained; " + here
                        + " has no such file");
        assertThat(refusal.hint()).isEqualTo("cd /elsewhere, or --set data.path=/elsewhere/data/x");
    }

    @Test
    void shardsOfAnotherTokenizerAreRefused() throws IOException {
        shards(data, Tokenizers.named("gpt2"));
        var refusal = catchThrowableOfType(RequestException.class, () -> runs().start(recipe(), Optional.empty()));
        assertThat(refusal.error())
                .isEqualTo("%s was prepared with the tokenizer somewhere of 50257 ids, and the tokenizer here is %s"
                                .formatted(data, folder.resolve("tokenizer"))
                        + " with " + TOKENIZER.vocabularySize());
        assertThat(refusal.hint()).startsWith("--set tokenizer=somewhere, or ./cria prepare FILE --tokenizer ");
        assertThat(run).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"nano, 4095", "gpt2-10m, 50256"})
    void aNewModelsTextsEndAsItsTokenizersDo(String preset, int presets) throws IOException {
        String[] small = preset.equals("nano")
                ? new String[] {"model.preset=nano"}
                : new String[] {"model.preset=gpt2-10m", "model.n_embd=32", "model.n_layer=1", "model.n_head=2"};
        List<String> settings = new ArrayList<>(List.of(small));
        settings.addAll(List.of("schedule.steps=1", "schedule.warmup_steps=0", "model.vocab_size=320"));
        Recipe recipe = ConfigFile.defaults(recipe(), List.of());
        Recipe bare = new Recipe(
                Map.of(),
                recipe.tokenizer(),
                recipe.out(),
                recipe.data(),
                recipe.batch(),
                recipe.optimizer(),
                recipe.schedule(),
                recipe.loss(),
                recipe.ema(),
                recipe.precision(),
                recipe.parallel(),
                recipe.validation(),
                recipe.benchmarks(),
                recipe.samples(),
                recipe.checkpoint(),
                recipe.log(),
                recipe.kernels(),
                recipe.guard(),
                recipe.seed(),
                recipe.device());
        runs().start(ConfigFile.defaults(bare, settings), Optional.empty());
        String config = Files.readString(run.resolve("checkpoints/step-0000001/config.json"));
        int end = TOKENIZER.endOfText().orElseThrow();
        assertThat(config)
                .contains("\"eos_token_id\" : " + end, "\"bos_token_id\" : " + end)
                .doesNotContain(String.valueOf(presets));
    }

    @Test
    void epochsBeyondFourAreWarnedOfAndSummedUp() {
        runs().start(recipe("schedule.steps=200", "schedule.warmup_steps=0", "validation.every=0"), Optional.empty());
        // 187 windows of 16; 4 a step.
        assertThat(said.lines())
                .anyMatch(line -> line.startsWith("data       ") && line.endsWith("; 4.28 epochs in 200 steps"))
                .contains("warning: the data are gone over 4.3 times; beyond 4 epochs repeated tokens teach less and"
                        + " less (Muennighoff et al. 2023)")
                .anyMatch(line -> line.startsWith("finished   at step 200 of 200: training loss ")
                        && line.endsWith(", 4.28 times over the data"));
    }

    @Test
    void aWarmUpThatLastsLongerThanTheTrainingIsWarnedOf() {
        runs().start(recipe("schedule.warmup_steps=30"), Optional.empty());
        assertThat(said.lines())
                .contains("warning: schedule.warmup_steps is 30 of 12 steps: the learning rate never reaches 6.0E-4");
    }

    /** Every file of a run with its hash. */
    private static Map<String, String> content(Path run) throws IOException {
        Map<String, String> content = new TreeMap<>();
        try (Stream<Path> files = Files.walk(run)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                content.put(run.relativize(file).toString(), AtomicFiles.sha256(file));
            }
        }
        return content;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
