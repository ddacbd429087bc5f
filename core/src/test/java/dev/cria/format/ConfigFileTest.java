package dev.cria.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cria.Problems;
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
                "herd: 7|1 herd is not a section|write its keys below it, indented",
                "extra: 7|1 extra is not a section|write its keys below it, indented",
                "names: a|1 names is not a list|names: [a, b]",
                "feed_rates: [1, x]|1 feed_rates is x, not a number|feed_rates: 0.0",
                "animal: [a]|1 animal is not a word|animal: lama",
                "herd: {heads: 0}|1 herd: heads is 0, not at least 1|--set herd.heads=1",
                "herd: {head: 4}|1 unknown key herd.head"
                        + "|did you mean herd.heads? known here: heads, hairs, weight, shorn, wool",
                "herb: {heads: 4}|1 unknown key herb"
                        + "|did you mean herd? known here: animal, herd, feed_rates, names, shelter, extra",
                "{animal: a, animal: b}|1 animal is given twice|remove one of them"
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
                .isEqualTo("%s:5 unknown key farmer\nerror: %s:3 herd.heads is many, not a whole number\n"
                                .formatted(file, file)
                        + "error: %s:4 herd.wool is silk, not coarse or very_fine".formatted(file));
    }

    @Test
    void everyTextReadsBackAsItWasWritten() throws IOException {
        for (String text : List.of(
                "a\u0085b",
                "a\nb\u0085\nc ",
                "\u2028",
                "x\u2029y",
                "\ufeffz",
                "a\tb",
                "\u0007",
                "a\r\nb",
                "a\rb",
                " x ",
                "é🦙",
                "\u00a0",
                "",
                "\n",
                "'\"`",
                "#a: b",
                "- x",
                "null",
                "1e5",
                "\u001b[31m",
                "a\u0000b")) {
            record Words(String text, List<String> list) {}
            Words words = new Words(text, List.of(text, "plain"));
            assertThat(ConfigFile.read(file(ConfigFile.toYaml(words)), new Words("", List.of()), List.of()))
                    .as(ConfigFile.toYaml(words))
                    .isEqualTo(words);
        }
    }

    @Test
    void oddYamlIsRefusedNeverAFault() throws IOException {
        for (String text : List.of(
                "? [a, b]\n: 1\n",
                "? {a: 1}\n: 1\n",
                "herd: {[x]: 1}\n",
                "a\u0000b: 1\n",
                "name: \"\u0007\"\n",
                "\u001b[31m: 1\n",
                "[".repeat(100_000),
                "{a: ".repeat(100_000),
                "- ".repeat(20_000),
                "&x [*x]\n",
                "herd: &h {heads: *h}\n",
                "herd: &h [*h]\n",
                "x: &a [1]\ny: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n",
                "--- a\n--- b\n",
                "\ufffe",
                "herd: !!java.net.URL [x]\n",
                "herd: !x {heads: 1}\nq: 1\n",
                "heads: 1e999999999\n",
                "*unknown\n",
                "%YAML 9.9\n---\nx: 1\n")) {
            Path odd = file(text);
            assertThatThrownBy(() -> ConfigFile.read(odd, DEFAULTS, List.of()))
                    .as(text.length() > 60 ? text.substring(0, 60) : text)
                    .isInstanceOf(RequestException.class);
        }
    }

    @Test
    void refusesWhatIsNoYamlWithItsLine() throws IOException {
        Path file = file("animal: x\nherd: {heads: 3\nnames: [a]\n");
        assertThat(refusal(file).error()).startsWith(file + ":").contains(" is not YAML: ");
    }

    @Test
    void refusesWhatIsNoConfigurationInWordsOfItsOwn() throws IOException {
        Path listForAKey = file("animal: x\n? [a, b]\n: 1\n");
        assertThat(refusal(listForAKey).error()).isEqualTo(listForAKey + ":2 has a list or a section for a key");
        Path list = file("- 1\n");
        assertThat(refusal(list).error()).isEqualTo(list + ":1 is not a configuration of keys and values");
        Path control = file("animal: \u0001\n");
        assertThat(refusal(control).error())
                .isEqualTo(control + " is not YAML: it holds the control character U+0001 at character 9");
        Path bytes = folder.resolve("bytes.yaml");
        Files.write(bytes, new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertThat(refusal(bytes).error()).isEqualTo(bytes + " is not text in UTF-8");
    }

    @Test
    void aWordThatResemblesNoKeyIsTakenForNone() throws IOException {
        assertThat(refusal(file("zebra: x\n")).hint()).startsWith("known here: ");
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

    @Test
    void aTextOfAnyCharactersCanBeSet() {
        for (String text : List.of("runs/a\"b", "it's", "a, b: c", "#1", "C:\\x", "[1", "null", "")) {
            assertThat(ConfigFile.defaults(DEFAULTS, List.of(ConfigFile.setting("animal", text)))
                            .animal())
                    .isEqualTo(text);
        }
        assertThat(ConfigFile.defaults(DEFAULTS, List.of(ConfigFile.setting("names", List.of("a\"", "b, c"))))
                        .names())
                .containsExactly("a\"", "b, c");
    }

    @Test
    void whatIsTypedAfterTheEqualsSignIsOneValueEvenIfItIsNotYaml() {
        for (String text : List.of("a\"b", "\"half", "@x", "[x")) {
            assertThat(ConfigFile.defaults(DEFAULTS, List.of("animal=" + text)).animal())
                    .isEqualTo(text);
        }
        var refusal = catchThrowableOfType(
                RequestException.class, () -> ConfigFile.defaults(DEFAULTS, List.of("animal=a, shelter: x")));
        assertThat(refusal.error()).isEqualTo("--set animal is not a word");
    }

    @Test
    void aSectionIsCheckedOnceWithAllThatIsSaidOfIt() {
        var tall = new Herd(3, 5, 0.5, true, Wool.COARSE);
        record Fence(int low, int high) {
            Fence {
                new Problems()
                        .unless(low <= high, "low is " + low + ", above " + high, "--set fence.low=" + high)
                        .unless(high < 100, "high is " + high + ", not below 100", "--set fence.high=99")
                        .refuse();
            }
        }
        record Yard(Herd herd, Fence fence) {}
        var yard = new Yard(tall, new Fence(1, 2));
        assertThat(ConfigFile.defaults(yard, List.of("fence.low=7", "fence.high=9"))
                        .fence())
                .isEqualTo(new Fence(7, 9));
        var refusal = catchThrowableOfType(
                RequestException.class,
                () -> ConfigFile.defaults(yard, List.of("fence.low=700", "fence.high=300", "herd.heads=0")));
        assertThat(refusal.error())
                .isEqualTo("--set herd: heads is 0, not at least 1\nerror: --set fence: low is 700, above 300\n"
                        + "error: --set fence: high is 300, not below 100");
        assertThat(refusal.hint()).isEqualTo("--set herd.heads=1 --set fence.low=300 --set fence.high=99");
    }

    @Test
    void aFlatConfigurationHasEachKeyByItsPath() {
        Farm farm = ConfigFile.defaults(DEFAULTS, List.of("extra.b.d=true", "shelter=null"));
        assertThat(ConfigFile.flat(farm))
                .containsEntry("herd.heads", "3")
                .containsEntry("herd.wool", "coarse")
                .containsEntry("feed_rates", "[0.9, 0.95]")
                .containsEntry("shelter", "null")
                .containsEntry("extra.b.d", "true")
                .hasSize(10);
    }

    private static RequestException refusal(Path file) {
        return catchThrowableOfType(RequestException.class, () -> ConfigFile.read(file, DEFAULTS, List.of()));
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("farm.yaml"), text);
    }
}
