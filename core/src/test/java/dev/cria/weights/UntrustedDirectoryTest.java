package dev.cria.weights;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.model.LanguageModel;
import dev.cria.model.ModelConfig;
import dev.cria.model.RopeScaling;
import dev.cria.model.SmallDirectories;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Memory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Whatever a stranger's config.json states, a directory is loaded or refused in words, and memory is not asked for it. */
final class UntrustedDirectoryTest {
    private static final List<String> VALUES = List.of(
            "0",
            "-1",
            "1",
            "3",
            "7",
            "2.5",
            "1000000000",
            "2147483647",
            "-2147483648",
            "4294967297",
            "1e300",
            "-0.0",
            "null",
            "true",
            "\"\"",
            "\"llama\"",
            "[]",
            "[4294967297]",
            "{}",
            "{\"rope_type\": \"llama3\", \"factor\": 0}",
            "{\"rope_type\": \"linear\", \"factor\": -1e300}",
            "{\"rope_theta\": 0}");

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gpt2"})
    void everyKeyWithEveryValueIsLoadedOrRefused(String family) throws Exception {
        ModelConfig config = family.equals("llama")
                ? SmallDirectories.llama(new RopeScaling.None(), false)
                : SmallDirectories.gpt2();
        Path directory = SmallDirectories.write(config, folder, DType.FLOAT32);
        Path file = directory.resolve("config.json");
        JsonMapper json = new JsonMapper();
        ObjectNode good = (ObjectNode) json.readTree(file);
        good.putObject("rope_parameters");
        good.putNull("rope_scaling");
        int refused = 0;
        int loaded = 0;
        long before = Memory.of(Device.CPU).liveBytes();
        for (String key : List.copyOf(good.propertyNames())) {
            for (String value : VALUES) {
                ObjectNode bad = good.deepCopy();
                bad.set(key, json.readTree(value));
                Files.writeString(file, bad.toString());
                try (LanguageModel model = Models.load(directory, Device.CPU, Storage.inference(DType.FLOAT32))) {
                    assertThat(model.config().layers()).isPositive();
                    loaded++;
                } catch (RequestException | WorkException _) {
                    refused++;
                }
                assertThat(Memory.of(Device.CPU).liveBytes()).isEqualTo(before);
            }
        }
        assertThat(loaded).isGreaterThan(50);
        assertThat(refused).isGreaterThan(150);
    }
}
