package dev.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.data.ShardManifest;
import dev.cria.format.AtomicFiles;
import dev.cria.format.ConfigFile;
import dev.cria.format.Npy;
import dev.cria.format.NpyType;
import dev.cria.model.LanguageModel;
import dev.cria.model.SmallDirectories;
import dev.cria.nn.Parameters.Storage;
import dev.cria.parallel.Ranks;
import dev.cria.run.Line;
import dev.cria.run.RunFiles;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.train.Runs.Resume;
import dev.cria.weights.Models;
import dev.cria.weights.NamedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trains a small model with an average of its weights. */
final class WeightAverageTest {
    private static final Tokenizer TOKENIZER = SmallDirectories.TOKENIZER;
    private static final String[] FILES = {"model.safetensors", "optimizer.safetensors", "ema/model.safetensors"};

    @TempDir
    private Path folder;

    @BeforeEach
    void writeData() throws IOException {
        Tokenizers.save(TOKENIZER, Files.createDirectories(folder.resolve("tokenizer")));
        Path data = Files.createDirectories(folder.resolve("data"));
        int[] tokens = IntStream.range(0, 3000).map(i -> (i * i + i / 7) % 300).toArray();
        List<ShardManifest.ShardInfo> infos = new ArrayList<>();
        for (String name : List.of("t_val_000000.npy", "t_train_000001.npy")) {
            Npy.write(data.resolve(name), NpyType.UINT16, tokens);
            String split = name.contains("val") ? "validation" : "train";
            infos.add(new ShardManifest.ShardInfo(name, split, 3000, AtomicFiles.sha256(data.resolve(name))));
        }
        var info = new ShardManifest.TokenizerInfo("somewhere", TOKENIZER.fingerprint(), TOKENIZER.vocabularySize(), 0);
        new ShardManifest(info, Map.of(), 1, 1, 1, 6000, infos).write(data);
    }

    private Path run(String name) {
        return folder.resolve(name);
    }

    private void train(String name, String... settings) {
        List<String> all = new ArrayList<>(List.of(
                "model.hidden_size=32",
                "model.intermediate_size=48",
                "model.num_hidden_layers=1",
                "model.num_attention_heads=2",
                "model.vocab_size=320",
                ConfigFile.setting("tokenizer", run("tokenizer").toString()),
                ConfigFile.setting("data.path", run("data").toString()),
                ConfigFile.setting("out", run(name).toString()),
                "batch={sequence_length: 16, micro_batch: 2, tokens_per_step: 64}",
                "schedule={steps: 12, warmup_steps: 2, learning_rate: 0.01}",
                "precision.compute=fp32",
                "validation={every: 4, batches: 2}",
                "samples.every=0",
                "checkpoint={every: 1, keep: 20, keep_steps: [0]}",
                "device=cpu"));
        all.addAll(List.of(settings));
        runs().start(ConfigFile.defaults(Recipe.defaults(), all), Optional.empty());
    }

    private static Runs<Recipe> runs() {
        return Pretraining.runs(Progress.silent(), Ranks.solo(), Interruption.never());
    }

    private Path checkpoint(String name, long step) {
        return new RunFiles(run(name)).checkpointDirectory().resolve(RunFiles.checkpointName(step));
    }

    private static float[] norm(Path model) {
        try (LanguageModel loaded = Models.load(model, Device.CPU, Storage.inference(DType.FLOAT32))) {
            return loaded.parameters().withPart("model.norm.weight").value().toFloats();
        }
    }

    /** Computed again in float64 from the weights of each checkpoint; each update rounds twice to half an ulp of about 1. */
    @ParameterizedTest
    @CsvSource({"0.6, 1, fp32", "0.3, 3, bf16"})
    void theAverageIsThatOfTheWeights(double decay, int every, String compute) {
        train("run", "ema={decay: " + decay + ", every: " + every + "}", "precision.compute=" + compute);
        double[] expected = doubles(norm(checkpoint("run", 0)));
        for (int step = 1; step <= 12; step++) {
            if (step % every == 0) {
                double t = (double) step / every;
                double d = Math.min(decay, (1 + t) / (10 + t));
                double[] weights = doubles(norm(checkpoint("run", step)));
                for (int i = 0; i < expected.length; i++) {
                    expected[i] = d * expected[i] + (1 - d) * weights[i];
                }
            }
            float[] average = norm(checkpoint("run", step).resolve("ema"));
            for (int i = 0; i < expected.length; i++) {
                assertThat((double) average[i])
                        .as("step %d, element %d", step, i)
                        .isCloseTo(expected[i], within(12 * 2 * Math.ulp(1f) / 1.0));
            }
        }
        assertThat(norm(checkpoint("run", 12)))
                .isNotEqualTo(norm(checkpoint("run", 12).resolve("ema")));
    }

    private static double[] doubles(float[] floats) {
        return IntStream.range(0, floats.length).mapToDouble(i -> floats[i]).toArray();
    }

    /** Through evaluations with the average in the model's place. */
    @ParameterizedTest
    @CsvSource({"fp32, adamw", "bf16, muon"})
    void trainingWithAnAverageIsTheSameAndResumesExactly(String compute, String kind) {
        String[] settings = {"precision.compute=" + compute, "optimizer.kind=" + kind};
        train("plain", settings);
        String[] averaged = {settings[0], settings[1], "ema.decay=0.9"};
        train("whole", averaged);

        runs().resume(Resume.fork(
                run("whole"), 5, Runs.OptimizerState.RESTORED, run("fork"), List.of("checkpoint.every=100")));
        for (String file : FILES) {
            byte[] whole = read(checkpoint("whole", 12).resolve(file));
            assertThat(read(checkpoint("fork", 12).resolve(file))).as(file).isEqualTo(whole);
            if (!file.startsWith("ema")) {
                assertThat(read(checkpoint("plain", 12).resolve(file))).as(file).isEqualTo(whole);
            }
        }
        List<Line> lines = new RunFiles(run("whole")).metrics();
        assertThat(averages(lines)).hasSize(4);
        assertThat(averages(new RunFiles(run("fork")).metrics())).isEqualTo(averages(lines));
        assertThat(new RunFiles(run("whole")).validations()).isEqualTo(new RunFiles(run("plain")).validations());
    }

    private static List<Line> averages(List<Line> lines) {
        return lines.stream().filter(Line.Averaged.class::isInstance).toList();
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(file, e);
        }
    }

    @Test
    void theAverageIsAModelByName() {
        train("run", "ema.decay=0.5");
        train("without");
        Progress silent = Progress.silent();
        assertThat(NamedModel.of(run("run") + "@ema", silent).path())
                .isEqualTo(checkpoint("run", 12).resolve("ema"))
                .isDirectoryContaining("glob:**/tokenizer.json");
        assertThat(NamedModel.of(run("run") + "@7@ema", silent).path())
                .isEqualTo(checkpoint("run", 7).resolve("ema"));
        assertThatThrownBy(() -> NamedModel.of(run("without") + "@ema", silent))
                .isInstanceOf(RequestException.class)
                .hasMessage(checkpoint("without", 12) + " holds no average of its weights");
    }
}
