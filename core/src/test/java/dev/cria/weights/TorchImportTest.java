package dev.cria.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.Progress;
import dev.cria.WorkException;
import dev.cria.format.SafetensorsDirectory;
import dev.cria.model.LlamaConfig;
import dev.cria.model.RopeScaling;
import dev.cria.model.SmallDirectories;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tokenizer.Tokenizers;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checkpoints of the paper's training code, whose pickles torch wrote (oracle/pt_pickles.py), and its converter's. */
final class TorchImportTest {
    /** Rows of the vocabulary times width. */
    private static final int TABLE = 50304 * 8;

    private static final int MORE_THAN_ENOUGH = 1024;

    @TempDir
    private Path folder;

    private static byte[] pickle(String name) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(SafetensorsDirectory.class.getResourceAsStream(name + ".pkl"), name)) {
            return in.readAllBytes();
        }
    }

    /** A file as torch.save writes it; number i of storage k is k + i / 1024. */
    private Path checkpoint(byte[] pickle, List<Integer> sizes) throws IOException {
        Path file = folder.resolve("model_43500.pt");
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            entry(zip, "model_43500/data.pkl", pickle);
            entry(zip, "model_43500/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
            for (int k = 0; k < sizes.size(); k++) {
                ByteBuffer numbers =
                        ByteBuffer.allocate(sizes.get(k) * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                for (int i = 0; i < sizes.get(k); i++) {
                    numbers.putFloat(number(k, i));
                }
                entry(zip, "model_43500/data/" + k, numbers.array());
            }
        }
        return file;
    }

    private static float number(int storage, int i) {
        return storage + i / 1024f;
    }

    private static void entry(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(bytes);
        zip.closeEntry();
    }

    private static List<Integer> sizes(int storages, int... tables) {
        List<Integer> sizes = new ArrayList<>();
        for (int k = 0; k < storages; k++) {
            sizes.add(MORE_THAN_ENOUGH);
        }
        for (int table : tables) {
            sizes.set(table, TABLE);
        }
        return sizes;
    }

    private float[] tensor(Path directory, String name) {
        try (var files = SafetensorsDirectory.open(directory, "model")) {
            return files.data(name).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN));
        }
    }

    @Test
    void llamasTensorsAreThoseOfTheFile() throws Exception {
        Path out = folder.resolve("out");
        TorchImport.write(checkpoint(pickle("llama"), sizes(21, 0, 20)), Files.createDirectories(out));
        LlamaConfig config = (LlamaConfig) Models.readConfig(out);
        assertThat(config.layers()).isEqualTo(2);
        assertThat(config.numKeyValueHeads()).isEqualTo(1);
        assertThat(config.intermediateSize()).isEqualTo(12);
        assertThat(config.ropeTheta()).isEqualTo(500_000);
        assertThat(config.endOfText()).isEqualTo(OptionalInt.of(50256));
        assertThat(Tokenizers.load(out).vocabularySize()).isEqualTo(50257);
        float[] key = tensor(out, "model.layers.0.self_attn.k_proj.weight");
        assertThat(key).hasSize(32);
        for (int i = 0; i < key.length; i++) {
            assertThat(key[i]).isEqualTo(number(2, i));
        }
        assertThat(tensor(out, "lm_head.weight")).startsWith(number(20, 0), number(20, 1));
        Models.open(out, Device.CPU, DType.FLOAT32).close();
    }

    @Test
    void gpt2sMatricesAreTurnedAsHuggingFaceStoresThem() throws Exception {
        Path out = folder.resolve("out");
        TorchImport.write(checkpoint(pickle("gpt2"), sizes(17, 0)), Files.createDirectories(out));
        float[] attention = tensor(out, "transformer.h.0.attn.c_attn.weight");
        assertThat(attention).hasSize(24 * 8);
        int storage = 2;
        for (int row = 0; row < 24; row++) {
            for (int column = 0; column < 8; column++) {
                assertThat(attention[column * 24 + row]).isEqualTo(number(storage, row * 8 + column));
            }
        }
        Models.open(out, Device.CPU, DType.FLOAT32).close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        FloatStorage           | FloatStorabe           | storage of an unknown kind
        _rebuild_tensor_v2     | _rebuild_tensor_v9     | is made by torch._utils._rebuild_tensor_v9
        n_kv_heads             | n_xx_heads             | its config has no n_kv_heads
        input_layernorm.weight | inpux_layernorm.weight | it has no tensor model.layers.0.input_layernorm.weight
        """)
    void whatIsNoSuchCheckpointIsRefusedInWords(String from, String to, String why) throws Exception {
        String changed = new String(pickle("llama"), StandardCharsets.ISO_8859_1).replace(from, to);
        Path file = checkpoint(changed.getBytes(StandardCharsets.ISO_8859_1), sizes(21, 0, 20));
        assertThatThrownBy(() -> TorchImport.write(file, Files.createDirectories(folder.resolve("out"))))
                .isInstanceOf(WorkException.class)
                .hasMessageContaining(why);
    }

    @Test
    void bytesThatAreMissingAreRefused() throws Exception {
        Path file = checkpoint(pickle("llama"), sizes(21, 0));
        assertThatThrownBy(() -> TorchImport.write(file, folder))
                .isInstanceOf(WorkException.class)
                .hasMessageContaining("lm_head.weight is larger than its bytes");
        Path text = Files.writeString(folder.resolve("a.pt"), "no zip");
        assertThatThrownBy(() -> TorchImport.write(text, folder))
                .isInstanceOf(WorkException.class)
                .hasMessageContaining("it is no zip");
    }

    /** transformers' defaults under GPT-2's vocabulary, as the converter saves them. */
    @Test
    void theConvertersEndOfTextIsCorrectedAndTold() throws Exception {
        Path converted = folder.resolve("converted");
        LlamaConfig config =
                SmallDirectories.llama(new RopeScaling.None(), false).withVocabSize(50257);
        SmallDirectories.write(config.withEndOfText(OptionalInt.of(2)), converted, DType.BFLOAT16);
        Tokenizers.save(Tokenizers.named("gpt2"), converted);
        Files.writeString(
                converted.resolve("generation_config.json"),
                "{\"_from_model_config\": true, \"bos_token_id\": 1, \"eos_token_id\": 2}");
        List<String> said = new ArrayList<>();
        ModelExport.imported(converted, folder.resolve("out"), new Progress() {
            @Override
            public Task begin(String name, String unit, long total) {
                return Progress.silent().begin(name, unit, total);
            }

            @Override
            public void say(String line) {
                said.add(line);
            }
        });
        assertThat(said).singleElement().asString().contains("corrected to 50256");
        assertThat(Models.readConfig(folder.resolve("out")).endOfText()).isEqualTo(OptionalInt.of(50256));
        assertThat(GenerationConfig.of(folder.resolve("out")).endTokens()).containsExactly(50256);
    }
}
