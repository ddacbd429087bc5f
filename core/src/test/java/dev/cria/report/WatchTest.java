package dev.cria.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.page.Point;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class WatchTest {
    @TempDir
    Path run;

    @Test
    void tellsWhereAGoingRunIsAndHowLongItWillTake() throws IOException {
        new SyntheticRun(400, 4096).write(run);
        String metrics = Files.readString(run.resolve("metrics.jsonl"));
        Files.writeString(run.resolve("metrics.jsonl"), metrics.substring(0, metrics.indexOf("{\"step\": 100,")));
        Files.writeString(run.resolve("events.jsonl"), "{\"event\": \"started\", \"step\": 0, \"ranks\": 2}\n");
        Watch.Frame frame = Watch.frame(List.of(run), 80, 24);
        assertThat(frame.state()).isEqualTo(Watch.State.GOING);
        // 300 steps of 0.9 seconds.
        assertThat(frame.text())
                .contains("step 100/400", " 25.0%", "loss ", "val ", "step 0  started  2 ranks")
                .contains("eta 4m30s");
    }

    @Test
    void endedRunSaysSo() throws IOException {
        new SyntheticRun(60, 4096).write(run);
        Watch.Frame frame = Watch.frame(List.of(run), 80, 24);
        assertThat(frame.state()).isEqualTo(Watch.State.ENDED);
        assertThat(frame.text()).contains("step 60/60  ended", "eta –");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 40, 79, 200})
    void noLineIsWiderThanTheTerminal(int width) throws IOException {
        new SyntheticRun(60, 4096).write(run);
        int widest = Watch.frame(List.of(run), width, 24)
                .text()
                .lines()
                .mapToInt(String::length)
                .max()
                .orElseThrow();
        assertThat(widest).isLessThanOrEqualTo(Math.max(40, width));
    }

    @ParameterizedTest
    @CsvSource({"3.01, 3.09", "3.004, 3.0041", "0.5, 11", "2.2, 2.3"})
    void theVerticalAxisHasTwoDistinctValuesHoweverNarrow(double least, double most) throws IOException {
        Files.writeString(run.resolve("config.yaml"), "schedule: {steps: 50}\n");
        Files.writeString(
                run.resolve("metrics.jsonl"),
                IntStream.range(0, 50)
                                .mapToObj(i -> "{\"step\": %d, \"loss\": %.6f, \"lr\": 1e-3, \"grad_norm\": 1.0}"
                                        .formatted(i, most - i * (most - least) / 49))
                                .collect(Collectors.joining("\n"))
                        + "\n");

        List<String> labels = Watch.frame(List.of(run), 80, 24)
                .text()
                .lines()
                .filter(line -> line.contains("┤"))
                .map(line -> line.substring(0, line.indexOf('┤')).strip())
                .toList();

        assertThat(labels).hasSizeGreaterThanOrEqualTo(2).doesNotHaveDuplicates();
        assertThat(labels)
                .allSatisfy(label -> assertThat(Double.parseDouble(label)).isBetween(least * 0.98, most * 1.15));
    }

    @Test
    void severalRunsStandBelowEachOtherOnTheSameAxes() throws IOException {
        Path other = Files.createDirectory(run.resolve("other"));
        new SyntheticRun(60, 4096).write(run);
        new SyntheticRun(400, 4096).write(other);
        String metrics = Files.readString(other.resolve("metrics.jsonl"));
        Files.writeString(other.resolve("metrics.jsonl"), metrics.substring(0, metrics.indexOf("{\"step\": 100,")));
        Files.writeString(other.resolve("events.jsonl"), "{\"event\": \"started\", \"step\": 0}\n");

        Watch.Frame frame = Watch.frame(List.of(run, other), 100, 24);

        assertThat(frame.state()).isEqualTo(Watch.State.GOING);
        assertThat(frame.text()).contains("  step 60/60  ended  loss ", "other  step 100/400  loss ", "eta 4m30s");
        List<String> lines = frame.text().lines().toList();
        assertThat(lines.stream().filter(line -> line.contains("┤") || line.contains("│")))
                .hasSize(2 * 8);
        // The last step that is known of any is at the right end of both.
        assertThat(lines.stream().filter(line -> line.strip().matches("0 +99"))).hasSize(2);
        assertThat(lines).allMatch(line -> line.length() <= 100);
    }

    /** Lines that other programs, other versions or a disk that is full may leave. */
    @ParameterizedTest
    @Timeout(300)
    @ValueSource(
            strings = {
                "{\"step\": 1, \"loss\": 1e308}",
                "{\"step\": 1, \"loss\": 1.7976931348623157e308}",
                "{\"step\": 1, \"loss\": 1e309}",
                "{\"step\": 1, \"loss\": 4.9e-324}",
                "{\"step\": 1, \"loss\": 1e-310}",
                "{\"step\": 1, \"loss\": 0}",
                "{\"step\": 1, \"loss\": -1}",
                "{\"step\": 1, \"loss\": -1e308}",
                "{\"step\": 1, \"loss\": NaN}",
                "{\"step\": 1, \"loss\": Infinity}",
                "{\"step\": 1, \"loss\": -Infinity}",
                "{\"step\": 1, \"loss\": null}",
                "{\"step\": 1, \"loss\": \"2.5\"}",
                "{\"step\": 1, \"loss\": [2.5]}",
                "{\"step\": 1, \"loss\": {}}",
                "{\"step\": 1, \"loss\": 2.5, \"tokens_per_s\": 0}",
                "{\"step\": 1, \"loss\": 2.5, \"tokens_per_s\": -5, \"elapsed_s\": -1}",
                "{\"step\": 1, \"loss\": 2.5, \"tokens_per_s\": 1e308, \"mfu\": 1e308, \"elapsed_s\": 1e308}",
                "{\"step\": 1, \"loss\": 2.5, \"lr\": \"x\", \"grad_norm\": [], \"tokens\": null}",
                "{\"step\": -1, \"loss\": 2.5}",
                "{\"step\": 9223372036854775807, \"loss\": 2.5}",
                "{\"step\": 1.5, \"loss\": 2.5}",
                "{\"step\": \"one\", \"loss\": 2.5}",
                "{\"step\": null, \"loss\": 2.5}",
                "{\"loss\": 2.5}",
                "{\"step\": 1, \"val_loss\": 1e308}",
                "{\"step\": 1, \"val_loss\": null}",
                "{\"step\": 1, \"val_loss\": -1}",
                "{\"step\": 1, \"benchmarks\": {\"hellaswag\": null}}",
                "{\"step\": 1, \"benchmarks\": {\"hellaswag\": {\"acc\": \"high\"}}}",
                "{\"step\": 1, \"benchmarks\": []}",
                "{}",
                "[]",
                "null",
                "7",
                "\"text\""
            })
    void oddLineIsShownOrLeftOut(String line) throws IOException {
        Files.writeString(run.resolve("config.yaml"), "schedule: {steps: 50}\n");
        Files.writeString(
                run.resolve("metrics.jsonl"),
                "{\"step\": 0, \"loss\": 3.0}\n" + line + "\n{\"step\": 2, \"loss\": 2.0}\n");

        assertThat(Watch.frame(List.of(run), 80, 24).text()).contains("step ", "loss ");
        Report.write(List.of(run), run.resolve("report"));
    }

    @Test
    void waitsForTheFirstStep() throws IOException {
        Files.writeString(run.resolve("config.yaml"), "seed: 1\n");
        assertThat(Watch.frame(List.of(run), 80, 24))
                .isEqualTo(new Watch.Frame(run.getFileName() + "  no step yet\n", Watch.State.GOING));
    }

    @Test
    void refusesWhatIsNoRun() {
        assertThatThrownBy(() -> Watch.frame(List.of(run), 80, 24))
                .isInstanceOf(RequestException.class)
                .hasMessage("run " + run + " has no config.yaml");
    }

    @Test
    void brailleJoinsPointsFromCornerToCorner() {
        Braille picture = new Braille(3, 2);
        picture.line(List.of(new Point(0, 0), new Point(1, 1)));
        assertThat(picture.lines().stream().collect(Collectors.joining("/"))).isEqualTo("⠀⢀⠜/⡠⠊⠀");
    }
}
