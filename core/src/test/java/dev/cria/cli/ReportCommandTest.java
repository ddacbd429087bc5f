package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands {@code report} and {@code watch} as a user meets them. */
final class ReportCommandTest {
    private final PrintStream standardOut = System.out;
    private final PrintStream standardError = System.err;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    Path run;

    @BeforeEach
    void catchStreams() throws Exception {
        Files.writeString(run.resolve("config.yaml"), "schedule: {steps: 2}\n");
        Files.writeString(
                run.resolve("metrics.jsonl"), "{\"step\": 0, \"loss\": 8.5}\n{\"step\": 1, \"loss\": 8.25}\n");
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void releaseStreams() {
        System.setOut(standardOut);
        System.setErr(standardError);
    }

    @Test
    void printsThePathOfThePage() {
        assertThat(Main.run("report", run.toString())).isZero();
        Path page = run.resolve("report/index.html");
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(page + System.lineSeparator());
        assertThat(page).isRegularFile();
    }

    @Test
    void writesWhereItIsTold() {
        Path elsewhere = run.resolve("a/b");
        assertThat(Main.run("report", run.toString(), "--out", elsewhere.toString()))
                .isZero();
        assertThat(elsewhere.resolve("report.md")).isRegularFile();
        assertThat(run.resolve("report")).doesNotExist();
    }

    @Test
    void refusesInTwoLines() {
        Path nowhere = run.resolve("nowhere");
        assertThat(Main.run("report", nowhere.toString())).isEqualTo(Main.REQUEST_WRONG);
        assertThat(err.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "error: run " + nowhere + " is not a directory",
                        "hint: give what pretrain wrote, such as runs/dmas-1.7b");
    }

    @Test
    void watchPrintsOnePictureWhereThereIsNoTerminal() {
        assertThat(Main.run("watch", "--once", run.toString())).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("step 2/2  ended")
                .contains("loss 8.2500");
    }
}
