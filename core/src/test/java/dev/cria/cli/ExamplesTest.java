package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.cria.eval.Convention;
import dev.cria.format.ConfigFile;
import dev.cria.train.Recipe;
import dev.cria.tune.TuningRecipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every configuration that is there to be copied loads, and the paper's are what the defaults are. */
final class ExamplesTest {
    private static final Path EXAMPLES = Path.of("../examples");

    static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void everyExampleLoads(Path file) throws IOException {
        boolean tuning = Files.readString(file).contains("\nlora:");
        assertThatCode(() -> ConfigFile.read(file, tuning ? TuningRecipe.defaults() : Recipe.defaults(), List.of()))
                .doesNotThrowAnyException();
    }

    @Test
    void theExampleOfTuningIsThePapersRecipe() {
        assertThat(ConfigFile.read(EXAMPLES.resolve("alpaca-lora.yaml"), TuningRecipe.defaults(), List.of()))
                .isEqualTo(TuningRecipe.defaults());
    }

    @Test
    void theExampleOfThe1700MillionIsThePapersRecipe() {
        Recipe example = ConfigFile.read(EXAMPLES.resolve("dmas-1.7b.yaml"), Recipe.defaults(), List.of());
        Recipe defaults = Recipe.defaults();
        // The defaults stop at the 40,000 steps that the paper's title figure shows; tuning begins at 43,500.
        assertThat(example.schedule().steps()).isEqualTo(43_500);
        assertThat(List.of(
                        example.schedule().kind(),
                        example.schedule().learningRate(),
                        example.schedule().warmupSteps()))
                .isEqualTo(List.of(
                        defaults.schedule().kind(),
                        defaults.schedule().learningRate(),
                        defaults.schedule().warmupSteps()));
        assertThat(example.benchmarks().convention()).isEqualTo(Convention.NANOGPT);
        assertThat(example.optimizer()).isEqualTo(defaults.optimizer());
        assertThat(example.batch().tokensPerStep()).isEqualTo(defaults.batch().tokensPerStep());
    }
}
