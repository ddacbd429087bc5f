package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.Progress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TerminalProgressTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    /** What stays on the screen: of each line, what was drawn last. */
    private String screen() {
        StringBuilder screen = new StringBuilder();
        for (String line : bytes.toString(StandardCharsets.UTF_8).split("\n")) {
            String last = line.substring(line.lastIndexOf("\u001b[K") + 1).replace("[K", "");
            screen.append(last.stripTrailing());
            screen.append('\n');
        }
        return screen.toString();
    }

    @Test
    void finishedBarStaysWithItsCount() {
        try (Progress.Task task = new TerminalProgress(out, 100).begin("tokenize", "documents", 207)) {
            task.advance(13);
            task.advance(194);
            task.note("loss 3.21");
        }
        assertThat(screen())
                .contains("tokenize 100%")
                .contains("207/207 documents")
                .contains("loss 3.21");
    }

    @Test
    void lineSaidDuringWorkStaysAboveTheBar() {
        Progress progress = new TerminalProgress(out, 80);
        try (Progress.Task task = progress.begin("read", "bytes", -1)) {
            task.advance(1);
            progress.say("a warning");
        }
        assertThat(screen()).containsSubsequence("a warning\n", "read");
    }

    @Test
    void noBarIsWiderThanTheTerminal() {
        try (Progress.Task task = new TerminalProgress(out, 60).begin("tokenize", "documents", 1_000_000)) {
            task.advance(500_000);
            task.note("a note that is far too long for a line of sixty characters, really");
        }
        assertThat(screen().lines()).allMatch(line -> line.length() < 60);
    }

    @ParameterizedTest
    @CsvSource({"80", "100", "120", "200"})
    void whatMattersOfATrainingStaysAtEveryWidth(int width) {
        try (Progress.Task task = new TerminalProgress(out, width).begin("train", "steps", 40_000)) {
            task.advance(12_340);
            task.note("step 12340/40000  loss 2.9431  lr 4.92e-04  grad 0.31  286k tok/s  mfu 38.2%  eta 14h05m");
        }
        String line = screen().lines().toList().getLast();
        assertThat(line)
                .hasSizeLessThan(width)
                .contains("step 12340/40000  loss 2.9431")
                .contains("286k tok/s")
                .endsWith("eta 14h05m");
        // The bar is the first to go, then fields that tell the least.
        assertThat(line.contains("█")).isEqualTo(width == 200);
        assertThat(line.contains("mfu")).isEqualTo(width >= 100);
        assertThat(line.contains("grad")).isTrue();
    }

    @Test
    void workWithoutANoteTellsItsSpeedAndTheTimeLeft() throws InterruptedException {
        try (Progress.Task task = new TerminalProgress(out, 80).begin("tokenize", "documents", 1000)) {
            TimeUnit.MILLISECONDS.sleep(20);
            task.advance(500);
        }
        assertThat(screen()).containsPattern("tokenize {2}50%  █+░+  500/1,000 documents  0m00s  [0-9,]+/s");
    }

    @Test
    void innerWorkIsDrawnWhileTheOuterWaits() {
        Progress progress = new TerminalProgress(out, 80);
        try (Progress.Task _ = progress.begin("outer", "steps", 2)) {
            try (Progress.Task inner = progress.begin("inner", "rows", 1)) {
                inner.advance(1);
            }
        }
        assertThat(screen()).containsSubsequence("inner 100%", "outer");
    }

    @Test
    void plainProgressPrintsOnlyWhatIsSaid() {
        Progress progress = new PlainProgress(out);
        try (Progress.Task task = progress.begin("tokenize", "documents", 10)) {
            task.advance(10);
            progress.say("shard 1 written");
        }
        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("shard 1 written" + System.lineSeparator());
    }
}
