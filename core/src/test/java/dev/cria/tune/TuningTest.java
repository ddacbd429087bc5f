package dev.cria.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.format.ConfigFile;
import dev.cria.model.RopeScaling;
import dev.cria.model.SmallDirectories;
import dev.cria.nn.Parameters.Storage;
import dev.cria.parallel.Ranks;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.train.Interruption;
import dev.cria.train.Runs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class TuningTest {
    @TempDir
    Path folder;

    private Path model = Path.of("");
    private Path rows = Path.of("");

    @BeforeEach
    void makeModelAndRows() throws IOException {
        model = SmallDirectories.write(
                SmallDirectories.llama(new RopeScaling.None(), false), folder.resolve("model"), DType.FLOAT32);
        rows = SmallInstructions.write(folder.resolve("rows.json"));
    }

    private TuningRecipe recipe(String out, String... settings) {
        List<String> overrides = new ArrayList<>(List.of(
                "model=\"" + model + "\"",
                "data.files=[\"" + rows + "\"]",
                "out=\"" + folder.resolve(out) + "\"",
                "lora.rank=4",
                "lora.alpha=8",
                "batch.micro_batch=4",
                "batch.accumulation=2",
                "schedule.learning_rate=5e-3",
                "schedule.warmup_steps=2",
                "precision.compute=fp32",
                "checkpoint.async=false",
                "log.tensorboard=false",
                "device=cpu"));
        overrides.addAll(List.of(settings));
        return ConfigFile.defaults(TuningRecipe.defaults(), overrides);
    }

    private static Runs<TuningRecipe> tuning() {
        return Tuning.runs(Progress.silent(), Ranks.solo(), Interruption.never());
    }

    private List<Double> run(TuningRecipe recipe) throws IOException {
        tuning().start(recipe, Optional.empty());
        return losses(Path.of(recipe.out()));
    }

    private static List<Double> losses(Path run) throws IOException {
        List<Double> losses = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
            JsonNode metrics = new JsonMapper().readTree(line);
            losses.add(metrics.path("loss").asDouble());
        }
        return losses;
    }

    @Test
    void theLossOnTwoHundredAndFortyRowsFalls() throws IOException {
        assertThat(SmallInstructions.rows()).hasSizeGreaterThanOrEqualTo(200);
        List<Double> losses = run(recipe("run", "schedule.steps=30"));
        assertThat(losses).hasSize(30);
        double begin =
                losses.subList(0, 5).stream().mapToDouble(d -> d).average().orElseThrow();
        double end =
                losses.subList(25, 30).stream().mapToDouble(d -> d).average().orElseThrow();
        assertThat(end).isLessThan(0.7 * begin);
        assertThat(folder.resolve("run/adapter/adapter_model.safetensors")).exists();
        assertThat(folder.resolve("run/checkpoints/step-0000030/optimizer.safetensors"))
                .exists();
    }

    @Test
    void packedRowsHaveTheLossOfPaddedOnes() throws IOException {
        List<Double> padded = run(recipe("padded", "schedule.steps=6", "optimizer.state=fp32"));
        List<Double> quantized =
                run(recipe("quantized", "schedule.steps=6", "optimizer.state=fp32", "data.packing=true"));
        assertThat(quantized).hasSameSizeAs(padded);
        for (int i = 0; i < padded.size(); i++) {
            assertThat(quantized.get(i)).isCloseTo(padded.get(i), within(1e-5));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"data.packing=false", "data.packing=true", "precision.compute=bf16", "optimizer.state=fp32"})
    void aResumedRunIsTheRunThatWasNeverStopped(String setting) throws IOException {
        TuningRecipe recipe = recipe("whole", "schedule.steps=7", "checkpoint.every=3", "checkpoint.keep=9", setting);
        List<Double> whole = run(recipe);
        Path stopped = folder.resolve("stopped");
        copy(folder.resolve("whole"), stopped);
        for (String later : List.of("checkpoints/step-0000006", "checkpoints/step-0000007", "adapter")) {
            delete(stopped.resolve(later));
        }
        tuning().resume(Runs.Resume.of(stopped, List.of()));
        assertThat(losses(stopped)).isEqualTo(whole);
        for (String file :
                List.of("adapter/adapter_model.safetensors", "checkpoints/step-0000007/optimizer.safetensors")) {
            assertThat(stopped.resolve(file))
                    .hasSameBinaryContentAs(folder.resolve("whole").resolve(file));
        }
    }

    @Test
    void aRunKilledBeforeItsAdapterWasWrittenGetsItFromTheLastCheckpoint() throws IOException {
        run(recipe("run", "schedule.steps=2"));
        Path adapter = folder.resolve("run/adapter");
        byte[] weights = Files.readAllBytes(adapter.resolve("adapter_model.safetensors"));
        String config = Files.readString(adapter.resolve("adapter_config.json"));
        delete(adapter);
        tuning().resume(Runs.Resume.of(folder.resolve("run"), List.of()));
        assertThat(adapter.resolve("adapter_model.safetensors")).hasBinaryContent(weights);
        assertThat(adapter.resolve("adapter_config.json")).hasContent(config);
    }

    @Test
    void whatAResumeSetsIsWrittenAndWhatItCannotChangeIsRefused() throws IOException {
        run(recipe("run", "schedule.steps=4", "checkpoint.every=2"));
        Path run = folder.resolve("run");
        delete(run.resolve("checkpoints/step-0000004"));
        String before = Files.readString(run.resolve("config.yaml"));
        assertThatThrownBy(() -> tuning().resume(Runs.Resume.of(run, List.of("lora.rank=8"))))
                .hasMessage("lora.rank is 8 and was 4; a run keeps the shape of its adapters");
        Path other = SmallDirectories.write(
                SmallDirectories.llama(new RopeScaling.None(), true), folder.resolve("other"), DType.FLOAT32);
        assertThatThrownBy(() ->
                        tuning().resume(Runs.Resume.of(run, List.of(ConfigFile.setting("model", other.toString())))))
                .hasMessageContaining("is not the checkpoint's: " + model);
        assertThat(run.resolve("config.yaml")).hasContent(before);
        tuning().resume(Runs.Resume.of(run, List.of("schedule.learning_rate=1e-4")));
        assertThat(Files.readString(run.resolve("config.yaml"))).contains("learning_rate: 1.0E-4");
        assertThat(losses(run)).hasSize(4);
    }

    @Test
    void recomputingBlocksChangesNoLoss() throws IOException {
        List<Double> kept = run(recipe("kept", "schedule.steps=3"));
        List<Double> again = run(recipe("again", "schedule.steps=3", "precision.recompute=blocks"));
        assertThat(again).isEqualTo(kept);
    }

    @ParameterizedTest
    @CsvSource({"int8, 0.02", "bf16, 0.01"})
    void aBaseInFewerBitsHasNearlyTheSameLoss(String base, double allowance) throws IOException {
        List<Double> plain = run(recipe("plain", "schedule.steps=4"));
        List<Double> quantized = run(recipe("quantized", "schedule.steps=4", "precision.base=" + base));
        for (int i = 0; i < plain.size(); i++) {
            assertThat(quantized.get(i)).isNotEqualTo(plain.get(i)).isCloseTo(plain.get(i), within(allowance));
        }
    }

    @Test
    void theFrozenBaseHasNeitherGradientsNorMasters() {
        var config = TunedModel.config(model);
        var storage = Storage.training(DType.BFLOAT16, DType.FLOAT32);
        Adapters adapters = Adapters.allocate(config, 4, 2, Adapters.isOneOf(Lora.ALL_TARGETS), Device.CPU, storage);
        try (TunedModel tuned = TunedModel.load(model, adapters, Optional.empty(), Device.CPU)) {
            assertThat(tuned.llama().parameters().gradients()).isEmpty();
            assertThat(tuned.llama().parameters().list())
                    .allSatisfy(parameter -> assertThat(parameter.master()).isEmpty());
            assertThat(adapters.parameters().gradients()).isNotEmpty();
        }
    }

    @Test
    void longRowsAreCutAndCountedOrDropped() {
        var template = Template.named("vicuna_v1.1", SmallDirectories.TOKENIZER);
        List<List<InstructionRow>> read =
                List.of(InstructionFiles.read(List.of(rows)).getFirst().subList(0, 1));
        int prompt = template.prompt(List.of(Message.user("What is the opposite of hot?"))).length;
        InstructionData data =
                InstructionData.of(read, Optional.of(template), TuningRecipe.LossOn.RESPONSE, prompt + 2, 320);
        assertThat(data.left().cut()).isEqualTo(1);
        assertThat(data.rows().getFirst().length()).isEqualTo(prompt + 2);
        assertThat(data.rows().getFirst().targets()).isEqualTo(2);
        assertThatThrownBy(() ->
                        InstructionData.of(read, Optional.of(template), TuningRecipe.LossOn.RESPONSE, prompt, 320))
                .isInstanceOf(RequestException.class)
                .hasMessage("none of the 1 rows has a token with a loss within " + prompt + " tokens");
    }

    @Test
    void aRunThatIsThereIsRefused() throws IOException {
        TuningRecipe recipe = recipe("run", "schedule.steps=1");
        run(recipe);
        assertThatThrownBy(() -> run(recipe)).isInstanceOfSatisfying(RequestException.class, e -> assertThat(e.hint())
                .startsWith("./cria tune --resume"));
    }

    @Test
    void anAdapterOfAnotherShapeIsRefused() throws IOException {
        run(recipe("run", "schedule.steps=1"));
        Path adapter = folder.resolve("run/adapter");
        assertThatThrownBy(() -> tuning().start(recipe("other", "lora.rank=8"), Optional.of(adapter)))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("has adapters of rank 4 and scale 2.0 on 14 projections");
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
