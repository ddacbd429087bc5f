package dev.cria.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cria.RequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfigFileTest {
    private static final Farm DEFAULTS = new Farm(
            "lama",
            new Herd(3, 5_000_000_000L, 0.5, true, Wool.COARSE),
            List.of(0.9, 0.95),
            List.of("a"),
            Optional.of("hut"),
            Map.of());

    @TempDir
    private Path folder;

    private record Farm(
            String animal,
            Herd herd,
            List<Double> feedRates,
            List<String> names,
            Optional<String> shelter,
            Map<String, Object> extra) {}

    private record Herd(int heads, long hairs, double weight, boolean shorn, Wool wool) {
        Herd {
            if (heads < 1) {
                throw new RequestException("heads is " + heads + ", not at least 1", "--set herd.heads=1");
            }
        }
    }

    private enum Wool {
        COARSE,
        VERY_FINE
    }

    @Test
    void whatAFileLeavesOutIsAsInTheDefaultsAndAnOverrideIsOverBoth() throws IOException {
        Path file = file("herd: {heads: 7, wool: very_fine}\nshelter: null\nextra: {a: 1, b: {c: x}}\n");
        Farm read = ConfigFile.read(file, DEFAULTS, List.of("herd.heads=9", "feed_rates=[1e-1, 2]", "extra.b.d=true"));
        assertThat(read)
                .isEqualTo(new Farm(
                        "lama",
                        new Herd(9, 5_000_000_000L, 0.5, true, Wool.VERY_FINE),
                        List.of(0.1, 2.0),
                        List.of("a"),
                        Optional.empty(),
                        Map.of("a", 1L, "b", Map.of("d", true))));
    }

    @Test
    void whatIsWrittenReadsBackAsTheSame() throws IOException {
        Farm farm = new Farm(
                "guanaco: wild # no",
                new Herd(1, 2, 3e-9, false, Wool.VERY_FINE),
                List.of(),
                List.of("true", "7", ""),
                Optional.empty(),
                Map.of("theta", 500_000.0));
        assertThat(ConfigFile.read(file(ConfigFile.toYaml(farm)), DEFAULTS, List.of()))
                .isEqualTo(farm);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "herd: {heads: many}|1 herd.heads is many, not a whole number|herd.heads: 3",
                "herd: {heads: 2.5}|1 herd.heads is 2.5, not a whole number|herd.heads: 3",
                "herd: {heads: 3000000000}|1 herd.heads is 3000000000, not a whole number|herd.heads: 3",
                "herd: {weight: heavy}|1 herd.weight is heavy, not a number|herd.weight: 0.5",
                "herd: {weight: NaN}|1 herd.weight is NaN, not a number|herd.weight: 0.5",
                "herd: {weight: null}|1 herd.weight is not a number|herd.weight: 0.5",
                "herd: {shorn: yes}|1 herd.shorn is yes, not true or false|herd.shorn: true",
                "herd: {wool: silk}|1 herd.wool is silk, not coarse or very_fine|herd.wool: coarse",
                "herd: {wool: COARSE}|1 herd.wool is COARSE, not coarse or very_fine|herd.wool: coarse",
                "herd: 7|1 herd is no section|write its keys below it, indented",
                "extra: 7|1 extra is no section|write its keys below it, indented",
                "names: a|1 names is no list|names: [a, b]",
                "feed_rates: [1, x]|1 feed_rates is x, not a number|feed_rates: 0.0",
                "animal: [a]|1 animal is not a word|animal: lama",
                "herd: {heads: 0}|1 herd: heads is 0, not at least 1|--set herd.heads=1",
                "herd: {head: 4}|1 herd.head is no known key"
                        + "|did you mean herd.heads? known here: heads, hairs, weight, shorn, wool",
                "herb: {heads: 4}|1 herb is no known key"
                        + "|did you mean herd? known here: animal, herd, feed_rates, names, shelter, extra",
                "{animal: a, animal: b}|1 animal is given twice|leave one of them away"
            })
    void refusesNamingFileLineKeyAndWhatToWrite(String text, String error, String hint) throws IOException {
        Path file = file(text);
        RequestException refusal = refusal(file);
        assertThat(refusal.error()).isEqualTo(file + ":" + error);
        assertThat(refusal.hint()).isEqualTo(hint);
    }

    @Test
    void tellsAllProblemsOfAFileAtOnceEachWithItsLine() throws IOException {
        Path file = file("animal: x\nherd:\n  heads: many\n  wool: silk\nfarmer: me\n");
        assertThat(refusal(file).error())
                .isEqualTo("%s:3 herd.heads is many, not a whole number\nerror: %s:4 herd.wool is silk, not coarse or"
                                .formatted(file, file)
                        + " very_fine\nerror: %s:5 farmer is no known key".formatted(file));
    }

    @Test
    void refusesWhatIsNoYamlWithItsLine() throws IOException {
        Path file = file("animal: x\nherd: {heads: 3\nnames: [a]\n");
        assertThat(refusal(file).error()).startsWith(file + ":").contains(" is not YAML: ");
    }

    @Test
    void refusesAFileThatIsNotThereAndAnOverrideThatIsNone() {
        Path missing = folder.resolve("missing.yaml");
        assertThat(refusal(missing).error()).isEqualTo("there is no file " + missing);
        assertThat(refusal(missing).hint()).isEqualTo("examples/ has configurations to copy");
        var override = catchThrowableOfType(
                RequestException.class, () -> ConfigFile.defaults(DEFAULTS, List.of("herd.heads")));
        assertThat(override.error()).isEqualTo("--set herd.heads is not key.path=value");
    }

    @Test
    void refusesAnOverrideByItsKeyWithoutALine() {
        var refusal = catchThrowableOfType(
                RequestException.class, () -> ConfigFile.defaults(DEFAULTS, List.of("herd.heads=many")));
        assertThat(refusal.error()).isEqualTo("--set herd.heads is many, not a whole number");
    }

    private static RequestException refusal(Path file) {
        return catchThrowableOfType(RequestException.class, () -> ConfigFile.read(file, DEFAULTS, List.of()));
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("farm.yaml"), text);
    }
}
