package dev.cria.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.format.SafetensorsDirectory;
import dev.cria.format.SafetensorsWriter;
import dev.cria.format.TensorSource;
import dev.cria.model.LanguageModel;
import dev.cria.model.LlamaConfig;
import dev.cria.model.ModelConfig;
import dev.cria.model.RopeScaling;
import dev.cria.model.SmallDirectories;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.weights.ModelExport.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Directories of other programs' making, read; and what is written for them. */
final class ModelExportTest {
    @TempDir
    Path folder;

    private Path model(DType dtype) {
        return SmallDirectories.write(
                SmallDirectories.llama(new RopeScaling.None(), false), folder.resolve("model"), dtype);
    }

    private static float[] weights(Path directory, String name) {
        try (LanguageModel model = Models.load(directory, Device.CPU, Storage.inference(DType.FLOAT32))) {
            return model.parameters().withPart(name).value().toFloats();
        }
    }

    @Test
    void theVocabularysPaddingIsTrimmedAndNothingElse() {
        Path out = folder.resolve("out");
        Path source = model(DType.FLOAT32);
        ModelExport.toHuggingFace(source, out, Optional.empty(), new Vocabulary.OfTokenizer());
        assertThat(Models.readConfig(out).vocabSize()).isEqualTo(SmallDirectories.TOKENS);
        assertThat(weights(out, "lm_head.weight"))
                .isEqualTo(java.util.Arrays.copyOf(weights(source, "lm_head.weight"), SmallDirectories.TOKENS * 64));
        assertThat(weights(out, "model.layers.1.mlp.gate_proj.weight"))
                .isEqualTo(weights(source, "model.layers.1.mlp.gate_proj.weight"));
        assertThat(out.resolve("tokenizer.json")).hasSameTextualContentAs(source.resolve("tokenizer.json"));
        assertThat(out.resolve("README.md")).content().contains("| vocabulary | 300 |");
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT32", "BFLOAT16", "FLOAT16"})
    void everyFloatingTypeIsWrittenAndReadAgain(DType dtype) {
        Path out = folder.resolve("out");
        Path source = model(DType.FLOAT32);
        ModelExport.toHuggingFace(source, out, Optional.of(dtype), new Vocabulary.All());
        float[] before = weights(source, "model.layers.0.mlp.down_proj.weight");
        float[] after = weights(out, "model.layers.0.mlp.down_proj.weight");
        double epsilon = dtype == DType.FLOAT32 ? 0 : dtype == DType.BFLOAT16 ? 1.0 / 256 : 1.0 / 2048;
        for (int i = 0; i < before.length; i++) {
            assertThat((double) Math.abs(after[i] - before[i]))
                    .isLessThanOrEqualTo(epsilon * Math.abs(before[i]) + 1e-7 * Math.signum(epsilon));
        }
    }

    @Test
    void shardedDirectoriesAreReadAsOne() throws IOException {
        Path source = model(DType.FLOAT32);
        Path sharded = Files.createDirectories(folder.resolve("sharded"));
        Files.copy(source.resolve("config.json"), sharded.resolve("config.json"));
        rewrite(source, sharded, UnaryOperator.identity(), 50_000);
        assertThat(sharded.resolve("model.safetensors.index.json")).exists();
        for (String name : List.of("lm_head.weight", "model.layers.1.self_attn.q_proj.weight")) {
            assertThat(weights(sharded, name)).isEqualTo(weights(source, name));
        }
    }

    @Test
    void gpt2sFirstReleaseHasNoPrefixAndMasksToPassOver() throws IOException {
        Path source = SmallDirectories.write(SmallDirectories.gpt2(), folder.resolve("gpt2"), DType.FLOAT32);
        Path old = Files.createDirectories(folder.resolve("old"));
        Files.copy(source.resolve("config.json"), old.resolve("config.json"));
        rewrite(source, old, name -> name.replaceFirst("^transformer\\.", ""), Long.MAX_VALUE);
        Path out = folder.resolve("imported");
        ModelExport.toHuggingFace(old, out, Optional.empty(), new Vocabulary.All());
        assertThat(out.resolve("model.safetensors")).hasSameBinaryContentAs(source.resolve("model.safetensors"));
    }

    private static void rewrite(Path from, Path to, UnaryOperator<String> rename, long shardBytes) {
        try (var files = SafetensorsDirectory.open(from, "model")) {
            List<TensorSource> sources = new ArrayList<>();
            for (String name : files.names()) {
                var entry = files.entry(name);
                sources.add(TensorSource.of(rename.apply(name), entry.type(), entry.shape(), () -> files.data(name)));
            }
            SafetensorsWriter.writeDirectory(to, "model", sources, Map.of("format", "pt"), shardBytes);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"rope_theta\" : 10000.0 | \"rope_parameters\" : {\"rope_type\": \"default\", \"rope_theta\":"
                        + " 10000.0}",
                "\"rope_theta\" : 10000.0 | \"rope_theta\" : 10000.0, \"rope_scaling\" : null",
                "\"torch_dtype\" : \"float32\" | \"dtype\" : \"float32\", \"transformers_version\" : \"5.0.0\","
                        + " \"use_cache\" : true",
                "\"eos_token_id\" : 299 | \"eos_token_id\" : [299, 3]"
            })
    void configurationsOfTransformersFourAndFiveAreTheSameModel(String from, String to) throws IOException {
        Path config = model(DType.FLOAT32).resolve("config.json");
        ModelConfig before = Models.readConfig(config.getParent());
        String text = Files.readString(config);
        assertThat(text).contains(from.strip());
        Files.writeString(config, text.replace(from.strip(), to.strip()));
        assertThat(Models.readConfig(config.getParent())).isEqualTo(before);
    }

    @Test
    void scaledRotaryPositionsAreReadOrRefused() throws IOException {
        Path config = model(DType.FLOAT32).resolve("config.json");
        String text = Files.readString(config);
        String from = "\"rope_theta\" : 10000.0";
        Files.writeString(
                config, text.replace(from, from + ", \"rope_scaling\": {\"type\": \"linear\", \"factor\": 4.0}"));
        assertThat(((LlamaConfig) Models.readConfig(config.getParent())).ropeScaling())
                .isEqualTo(new RopeScaling.Linear(4));
        Files.writeString(config, text.replace(from, from + ", \"rope_scaling\": {\"rope_type\": \"longrope\"}"));
        assertThatThrownBy(() -> Models.readConfig(config.getParent()))
                .isInstanceOf(RequestException.class)
                .hasMessageEndingWith("rope_scaling is of type longrope, not default, linear, dynamic, llama3 or yarn");
    }

    @Test
    void aConfigurationOfOtherSizesThanTheWeightsIsRefused() throws IOException {
        Path config = model(DType.FLOAT32).resolve("config.json");
        Files.writeString(
                config, Files.readString(config).replace("\"intermediate_size\" : 96", "\"intermediate_size\" : 128"));
        assertThatThrownBy(() -> ModelExport.toHuggingFace(
                        config.getParent(), folder.resolve("out"), Optional.empty(), new Vocabulary.All()))
                .isInstanceOf(WorkException.class)
                .hasMessageContaining("has shape [96, 64] where config.json makes it [128, 64]");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void trimmingBelowTheTokenizerOrOverSomethingIsRefused() throws IOException {
        Path source = model(DType.FLOAT32);
        Path out = folder.resolve("out");
        assertThatThrownBy(() -> ModelExport.toHuggingFace(source, out, Optional.empty(), new Vocabulary.First(299)))
                .isInstanceOf(RequestException.class)
                .hasMessage("--trim-vocab is 299, not from 300 (the tokenizer's ids) to 320 (the model's)");
        Files.createDirectories(out);
        Files.writeString(out.resolve("mine.txt"), "keep me");
        assertThatThrownBy(() -> ModelExport.toHuggingFace(source, out, Optional.empty(), new Vocabulary.All()))
                .isInstanceOf(RequestException.class)
                .hasMessage(out + " already exists");
        assertThat(out.resolve("mine.txt")).exists();
    }
}
