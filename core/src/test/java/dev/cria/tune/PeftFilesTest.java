package dev.cria.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.model.LlamaConfig;
import dev.cria.model.Presets;
import dev.cria.model.RopeScaling;
import dev.cria.model.SmallDirectories;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.weights.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PeftFilesTest {
    private static final LlamaConfig CONFIG = SmallDirectories.llama(new RopeScaling.None(), false);
    private static final Storage STORAGE = Storage.training(DType.FLOAT32, DType.FLOAT32);

    @TempDir
    Path folder;

    private Path written(Lora lora) {
        var chosen = Adapters.isOneOf(lora.targets());
        double scale = lora.alpha() / lora.rank();
        try (Adapters made = Adapters.allocate(CONFIG, lora.rank(), scale, chosen, Device.CPU, STORAGE)) {
            Models.initialize(made.parameters(), 5);
            PeftFiles.write(made, lora, "base", folder, Models::weights);
        }
        return folder;
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        Lora lora = new Lora(3, 6, 0, List.of("k_proj", "up_proj"));
        Path directory = written(lora);
        try (Adapters read = PeftFiles.load(directory, CONFIG, Device.CPU, STORAGE)) {
            assertThat(read.rank()).isEqualTo(3);
            assertThat(read.scale()).isEqualTo(2.0);
            assertThat(read.modules()).hasSize(4);
            assertThat(read.modules().getFirst().start())
                    .isEqualTo(CONFIG.heads().width());
            try (Adapters same =
                    Adapters.allocate(CONFIG, 3, 2, Adapters.isOneOf(lora.targets()), Device.CPU, STORAGE)) {
                Models.initialize(same.parameters(), 5);
                for (int i = 0; i < same.parameters().list().size(); i++) {
                    assertThat(read.parameters().list().get(i).value().toFloats())
                            .isEqualTo(same.parameters().list().get(i).value().toFloats());
                }
            }
        }
    }

    @Test
    void theNumberOfParametersIsTheFormulas() {
        int rank = 5;
        long hidden = CONFIG.hiddenSize();
        long inner = CONFIG.intermediateSize();
        long wide = CONFIG.heads().width();
        long narrow = CONFIG.heads().kvWidth();
        long sides = 2 * (hidden + wide) + 2 * (hidden + narrow) + 3 * (hidden + inner);
        try (Adapters made =
                Adapters.allocate(CONFIG, rank, 1, Adapters.isOneOf(Lora.ALL_TARGETS), Device.CPU, STORAGE)) {
            assertThat(made.parameters().elements()).isEqualTo(CONFIG.layers() * rank * sides);
        }
    }

    /** Of a layer of llama-124m: 4 · (768 + 768) + 3 · (768 + 3072). */
    @Test
    void thePapersAdaptersOnLlama124mHaveTwentySevenMillionParameters() {
        var config = (LlamaConfig) Presets.resolve(Map.of("preset", "llama-124m"), 1024);
        Lora lora = TuningRecipe.defaults().lora();
        try (Adapters made =
                Adapters.allocate(config, lora.rank(), 1, Adapters.isOneOf(lora.targets()), Device.CPU, STORAGE)) {
            assertThat(made.parameters().elements())
                    .isEqualTo(12L * 128 * (4 * (768 + 768) + 3 * (768 + 3072)))
                    .isEqualTo(27_131_904);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"peft_type\" : \"LORA\"    | \"peft_type\" : \"IA3\"      | peft_type is IA3, not LORA",
                "\"bias\" : \"none\"         | \"bias\" : \"all\"           | bias is all, not none",
                "\"use_dora\" : false        | \"use_dora\" : true          | use_dora is true",
                "\"r\" : 3                   | \"r\" : 0                    | r is 0 and lora_alpha 6, not above 0",
                "\"bias\" : \"none\"         | \"modules_to_save\" : [\"lm_head\"] | modules_to_save is [\"lm_head\"],"
                        + " not empty",
                "\"init_lora_weights\" : true | \"init_lora_weights\" : \"pissa_niter_4\" | init_lora_weights is"
                        + " \"pissa_niter_4\", which changes the base",
                "\"init_lora_weights\" : true | \"init_lora_weights\" : \"olora\" | init_lora_weights is \"olora\","
                        + " which changes the base",
                "\"init_lora_weights\" : true | \"init_lora_weights\" : \"novel\" | init_lora_weights is \"novel\","
                        + " which changes the base",
                "\"bias\" : \"none\"         | \"lora_bias\" : true         | lora_bias is true",
                "\"bias\" : \"none\"         | \"trainable_token_indices\" : [1, 2] | trainable_token_indices is [1,2],"
                        + " not empty",
                "\"bias\" : \"none\"         | \"layer_replication\" : [[0, 1]] | layer_replication is [[0,1]], not"
                        + " empty",
                "\"target_modules\" : [ \"q_proj\" ] | \"target_modules\" : [ \"k_proj\" ] | target_modules is"
                        + " [\"k_proj\"], and the file adapts model.layers.0.self_attn.q_proj too",
                "\"bias\" : \"none\"         | \"rank_pattern\" : {\"q_proj\": 9}  | rank_pattern is {\"q_proj\":9},"
                        + " not empty"
            })
    void whatIsMoreThanPlainLoraIsRefused(String from, String to, String problem) throws IOException {
        Path config = written(new Lora(3, 6, 0, List.of("q_proj"))).resolve("adapter_config.json");
        Files.writeString(config, Files.readString(config).replace(from.strip(), to.strip()));
        assertThatThrownBy(() -> PeftFiles.load(folder, CONFIG, Device.CPU, STORAGE))
                .isInstanceOf(RequestException.class)
                .hasMessageEndingWith("adapter_config.json: " + problem.strip())
                .extracting(e -> ((RequestException) e).hint())
                .asString()
                .contains("M.from_pretrained('" + folder + "').merge_and_unload()");
    }

    @ParameterizedTest
    @ValueSource(strings = {"false", "null", "\"gaussian\"", "\"eva\"", "\"orthogonal\""})
    void beginningsThatLeaveTheBaseAsItIsAreRead(String beginning) throws IOException {
        Path config = written(new Lora(3, 6, 0, List.of("q_proj"))).resolve("adapter_config.json");
        Files.writeString(
                config,
                Files.readString(config)
                        .replace("\"init_lora_weights\" : true", "\"init_lora_weights\" : " + beginning));
        PeftFiles.load(folder, CONFIG, Device.CPU, STORAGE).close();
    }

    @Test
    void rankStabilizedAdaptersHaveTheirOwnScale() throws IOException {
        Path config = written(new Lora(4, 6, 0, List.of("q_proj"))).resolve("adapter_config.json");
        Files.writeString(config, Files.readString(config).replace("\"use_rslora\" : false", "\"use_rslora\" : true"));
        try (Adapters read = PeftFiles.load(folder, CONFIG, Device.CPU, STORAGE)) {
            assertThat(read.scale()).isEqualTo(3.0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 1_000_000_000, Integer.MAX_VALUE})
    void anotherRankThanTheTensorsHaveIsRefusedBeforeMemoryIsAskedFor(int rank) throws IOException {
        Path config = written(new Lora(3, 6, 0, List.of("q_proj"))).resolve("adapter_config.json");
        Files.writeString(config, Files.readString(config).replace("\"r\" : 3", "\"r\" : " + rank));
        assertThatThrownBy(() -> PeftFiles.load(folder, CONFIG, Device.CPU, STORAGE))
                .isInstanceOf(WorkException.class)
                .hasMessageEndingWith(
                        "lora_A.weight has shape [3, 64] where r and the model make it [" + rank + ", 64]");
    }

    @Test
    void anAdapterOfAnotherModelIsRefused() {
        Path directory = written(new Lora(3, 6, 0, List.of("q_proj")));
        var shallow =
                new LlamaConfig(320, 64, 96, 1, 4, 2, 16, 128, 1e-5, 10000, new RopeScaling.None(), false, 0.1, 0, 0);
        assertThatThrownBy(() -> PeftFiles.load(directory, shallow, Device.CPU, STORAGE))
                .isInstanceOf(WorkException.class)
                .hasMessageContaining("model.layers.1.self_attn.q_proj.lora_A.weight, which is not an adapter");
    }
}
