package dev.cria.board;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class RunIndexTest {
    private static final int STEPS = 40_000;

    @TempDir
    private Path folder;

    private static String step(int step, double loss) {
        return String.format(
                Locale.ROOT,
                "{\"step\":%d,\"loss\":%.6f,\"lr\":0.001,\"grad_norm\":0.5,\"tokens\":%d,\"tokens_per_s\":100.0,"
                        + "\"mfu\":0.1,\"elapsed_s\":%d}\n",
                step,
                loss,
                (step + 1) * 128L,
                step + 1);
    }

    private Path run(String name, String metrics) throws IOException {
        Path run = Files.createDirectories(folder.resolve(name));
        Files.writeString(run.resolve("config.yaml"), "schedule: {steps: 40000}\nseed: 3\n");
        Files.writeString(run.resolve("metrics.jsonl"), metrics);
        return run;
    }

    private static String steps(int from, int to) {
        StringBuilder lines = new StringBuilder();
        for (int i = from; i < to; i++) {
            lines.append(step(i, 2 + Math.sin(i) + (i == 12_345 ? 50 : 0)));
        }
        return lines.toString();
    }

    @Test
    void aLongRunIsAFewBucketsThatHoldItsMeansAndExtremes() throws IOException {
        var index = new RunIndex(run("long", steps(0, STEPS)));
        assertThat(index.refresh()).isTrue();
        assertThat(index.refresh()).isFalse();
        List<Curves.Bucket> buckets = index.curves().buckets();
        assertThat(buckets).hasSizeBetween(200, 2000);
        Curves.Metric loss = Curves.Metric.LOSS;
        assertThat(buckets.stream().mapToDouble(b -> b.greatest(loss)).max().orElseThrow())
                .isCloseTo(52 + Math.sin(12_345), within(1e-5));
        assertThat(buckets.stream().mapToDouble(b -> b.mean(loss)).average().orElseThrow())
                .isCloseTo(2, within(0.05));
    }

    /** Half lines wait, and what another process read of the file and saved is gone on with. */
    @Test
    void aGrowingFileIsReadOnFromWhereItWasReadTo() throws IOException {
        String first = steps(0, 20_000);
        String torn = step(20_000, 1);
        Path run = run("growing", first + torn.substring(0, 20));
        var index = new RunIndex(run);
        index.refresh();
        assertThat(index.last().orElseThrow().step()).isEqualTo(19_999);
        assertThat(run.resolve(".board")).exists();

        Files.writeString(
                run.resolve("metrics.jsonl"), torn.substring(20) + steps(20_001, 20_005), StandardOpenOption.APPEND);
        var again = new RunIndex(run);
        assertThat(again.last().orElseThrow().step()).isEqualTo(19_999);
        again.refresh();
        assertThat(again.last().orElseThrow().step()).isEqualTo(20_004);
        index.refresh();
        assertThat(again.curves()).usingRecursiveComparison().isEqualTo(index.curves());
    }

    @Test
    void aFileThatWasRewrittenOrAnIndexThatIsDamagedIsReadAnew() throws IOException {
        Path run = run("resumed", steps(0, 20_000));
        new RunIndex(run).refresh();
        Files.writeString(run.resolve("metrics.jsonl"), steps(0, 100));
        var index = new RunIndex(run);
        index.refresh();
        assertThat(index.last().orElseThrow().step()).isEqualTo(99);

        byte[] bytes = {0, 0, 0, 1, 127, 127, 127, 127};
        Files.write(run.resolve(".board"), bytes);
        var damaged = new RunIndex(run);
        damaged.refresh();
        assertThat(damaged.curves()).usingRecursiveComparison().isEqualTo(index.curves());
    }

    @Test
    void theBoardSaysWhatIsWrongAndWhatDiffers() throws IOException {
        run("a", steps(0, 50));
        Path bad = run(
                "deeper/b", steps(0, 50) + "{\"step\":50,\"loss\":null,\"lr\":1.0}\n{\"step\":50,\"val_loss\":2.5}\n");
        Files.writeString(bad.resolve("config.yaml"), "schedule: {steps: 40000}\nseed: 4\n");
        var board = new Board(List.of(folder));
        board.refresh();
        JsonNode runs =
                new JsonMapper().readTree(new BoardJson(board).overview()).path("runs");
        assertThat(runs.valueStream().map(r -> r.path("name").asString())).containsExactly("a", "deeper/b");
        assertThat(runs.path(0).path("problems")).isEmpty();
        assertThat(runs.path(1).path("problems").path(0).asString()).isEqualTo("the loss was not finite at step 50");
        assertThat(runs.path(1).path("config").path("seed").asString()).isEqualTo("4");
        assertThat(runs.path(1).path("val_loss").asDouble()).isEqualTo(2.5);
        assertThat(new BoardJson(board).curves("../a")).isEmpty();
    }
}
