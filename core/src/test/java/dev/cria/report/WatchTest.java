package dev.cria.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
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
        Watch.Frame frame = Watch.frame(run, 80, 24);
        assertThat(frame.state()).isEqualTo(Watch.State.GOING);
        // 300 steps of 0.9 seconds.
        assertThat(frame.text())
                .contains("step 100/400", " 25.0%", "loss ", "val ", "step 0  started  2 ranks")
                .contains("eta 4m30s");
    }

    @Test
    void endedRunSaysSo() throws IOException {
        new SyntheticRun(60, 4096).write(run);
        Watch.Frame frame = Watch.frame(run, 80, 24);
        assertThat(frame.state()).isEqualTo(Watch.State.ENDED);
        assertThat(frame.text()).contains("step 60/60  ended", "eta –");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 40, 79, 200})
    void noLineIsWiderThanTheTerminal(int width) throws IOException {
        new SyntheticRun(60, 4096).write(run);
        int widest = Watch.frame(run, width, 24)
                .text()
                .lines()
                .mapToInt(String::length)
                .max()
                .orElseThrow();
        assertThat(widest).isLessThanOrEqualTo(Math.max(40, width));
    }

    @Test
    void waitsForTheFirstStep() throws IOException {
        Files.writeString(run.resolve("config.yaml"), "seed: 1\n");
        assertThat(Watch.frame(run, 80, 24))
                .isEqualTo(new Watch.Frame(run.getFileName() + "  no step yet\n", Watch.State.GOING));
    }

    @Test
    void refusesWhatIsNoRun() {
        assertThatThrownBy(() -> Watch.frame(run, 80, 24))
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
