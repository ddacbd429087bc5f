package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.cli.KeysPage.Key;
import dev.cria.format.ConfigFile;
import dev.cria.model.Presets;
import dev.cria.train.Recipe;
import dev.cria.tune.TuningRecipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/keys.md says of every key what the records say, and what they refuse. */
final class KeysPageTest {
    private static final Path PAGE = Path.of("../docs/keys.md");
    private static final Pattern LEAST = Pattern.compile("at least (\\d+).*|(0) (?:\\([^)]*\\) )?or more.*|above (0)");

    @Test
    void thePageIsWhatTheRecordsSay() throws IOException {
        String text = new KeysPage().text();
        if ("write".equals(System.getProperty("keys"))) {
            Files.writeString(PAGE, text);
        }
        assertThat(PAGE)
                .as("run: mvn -pl core test -Dtest=KeysPageTest -Dkeys=write")
                .hasContent(text);
    }

    @Test
    void everyKeyHasAMeaningAndARange() throws IOException {
        KeysPage page = new KeysPage();
        List<Key> all = Stream.of(
                        page.keys(Recipe.defaults()),
                        page.keys(TuningRecipe.defaults()),
                        page.modelKeys("nano"),
                        page.modelKeys("gpt2-xl"))
                .flatMap(List::stream)
                .toList();
        assertThat(all).hasSizeGreaterThan(100).allSatisfy(key -> {
            assertThat(key.meaning()).as(key.path()).isNotEmpty();
            assertThat(key.range()).as(key.path()).isNotEmpty();
        });
    }

    @Test
    void valuesBelowTheRangeAreRefusedAsThePageSays() throws IOException {
        KeysPage page = new KeysPage();
        for (Record defaults : List.of(Recipe.defaults(), TuningRecipe.defaults())) {
            for (Key key : page.keys(defaults)) {
                below(key.range()).ifPresent(value -> assertThatThrownBy(
                                () -> ConfigFile.defaults(defaults, List.of(key.path() + "=" + value)))
                        .as(key.path() + "=" + value)
                        .isInstanceOf(RequestException.class));
            }
        }
    }

    @Test
    void sizesOfAModelBelowTheRangeAreRefusedAsThePageSays() throws IOException {
        KeysPage page = new KeysPage();
        for (String preset : List.of("nano", "gpt2-10m")) {
            for (Key key : page.modelKeys(preset)) {
                String name = key.path().substring("model.".length());
                below(key.range()).ifPresent(value -> assertThatThrownBy(() -> Presets.resolve(
                                Map.of(
                                        "preset",
                                        preset,
                                        name,
                                        key.initial() instanceof Integer
                                                ? Integer.valueOf(value)
                                                : Double.valueOf(value)),
                                64))
                        .as(key.path() + "=" + value)
                        .isInstanceOf(RequestException.class));
            }
        }
    }

    private static Optional<String> below(String range) {
        Matcher matcher = LEAST.matcher(range);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String least = matcher.group(1) != null ? matcher.group(1) : "0";
        return Optional.of(matcher.group(3) != null ? "0" : String.valueOf(Integer.parseInt(least) - 1));
    }
}
