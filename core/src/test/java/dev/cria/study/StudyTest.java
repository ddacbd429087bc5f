package dev.cria.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.jerolba.carpet.CarpetReader;
import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.eval.Convention;
import dev.cria.eval.Evaluation;
import dev.cria.eval.Request;
import dev.cria.eval.Scorer;
import dev.cria.eval.series.Measure;
import dev.cria.eval.series.ScoreLine.Subject;
import dev.cria.eval.series.ScoreLog;
import dev.cria.model.SmallDirectories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page and the tables of series whose truth is known: question i of thirty is learned before checkpoint i. */
final class StudyTest {
    private static final int QUESTIONS = 30;
    private static final int CHECKPOINTS = 32;

    @TempDir
    private Path folder;

    private Path rows;

    @BeforeEach
    void writeRows() throws IOException {
        rows = Files.createDirectories(folder.resolve("rows"));
        StringBuilder questions = new StringBuilder();
        for (int i = 0; i < QUESTIONS; i++) {
            questions.append("""
                {"question_stem": "The thing </script> number %d is", "choices": {"text": ["red", "tan", "ink", "sky"],\
                 "label": ["A", "B", "C", "D"]}, "answerKey": "A"}
                """.formatted(i));
        }
        Files.writeString(rows.resolve("openbookqa.jsonl"), questions);
    }

    /** A model that knows question i from checkpoint 3 + i·slowness on, and guesses otherwise. */
    private record Learner(int checkpoint, double slowness, SplittableRandom random) implements Scorer {
        @Override
        public int positions() {
            return 256;
        }

        @Override
        public double[] logLikelihoods(List<Request> requests, Progress.Task progress) {
            double[] sums = new double[requests.size()];
            for (int i = 0; i < sums.length; i++) {
                double known = checkpoint >= 3 + slowness * (i / 4) && i % 4 == 0 ? 12 : 0;
                sums[i] = -20 + known + 0.2 * random.nextGaussian();
            }
            return sums;
        }
    }

    private Path run(String name, double slowness) throws IOException {
        Path run = Files.createDirectories(folder.resolve(name));
        Files.writeString(run.resolve("config.yaml"), "out: x\n");
        StringBuilder metrics = new StringBuilder();
        StringBuilder samples = new StringBuilder();
        var evaluation = Evaluation.load(rows, List.of(), 0, Convention.HARNESS, SmallDirectories.TOKENIZER);
        SplittableRandom random = new SplittableRandom(4);
        for (int c = 0; c < CHECKPOINTS; c++) {
            metrics.append("{\"step\": %d, \"val_loss\": %s}\n".formatted(c * 10, 5 - 0.05 * c + 0.01 * (c % 3)));
            metrics.append("{\"step\": %d, \"loss\": 3, \"tokens\": %d}\n".formatted(c * 10, (c * 10 + 1) * 64));
            samples.append("{\"step\": %d, \"prompt\": \"A </script>\", \"seed\": 1, \"text\": \"very %s good\"}\n"
                    .formatted(c * 10, "very ".repeat(c)));
            var result = evaluation
                    .run(new Learner(c, slowness, random), Progress.silent())
                    .getFirst();
            new ScoreLog(run)
                    .add(new Subject.Checkpoint(c * 10), "w" + c, evaluation, new Measure.Asking("fp32", 256), result);
        }
        Files.writeString(run.resolve("metrics.jsonl"), metrics);
        Files.writeString(run.resolve("samples.jsonl"), samples);
        return run;
    }

    @Test
    void saysWhatWasLearnedWhenInPageAndTables() throws Exception {
        Path page = Study.write(List.of(run("fast", 0.8)), Optional.empty(), folder.resolve("study"));
        Path tables = folder.resolve("study/tables");

        List<Map> questions =
                new CarpetReader<>(tables.resolve("questions.parquet").toFile(), Map.class).toList();
        assertThat(questions).hasSize(QUESTIONS);
        for (int i = 0; i < QUESTIONS; i++) {
            assertThat(questions.get(i).get("outcome")).isEqualTo("learned");
            assertThat(((Number) questions.get(i).get("onset_step")).longValue())
                    .isEqualTo(10 * (long) Math.ceil(3 + 0.8 * i));
            assertThat(questions.get(i).get("question")).isEqualTo("The thing </script> number " + i + " is");
        }
        assertThat(Files.readAllLines(tables.resolve("questions.csv"))).hasSize(QUESTIONS + 1);
        assertThat(new CarpetReader<>(tables.resolve("margins.parquet").toFile(), Map.class).toList())
                .hasSize(QUESTIONS * CHECKPOINTS);
        assertThat(Files.readString(page))
                .contains("Learned first", "Signal and noise", "Against the loss", "class=\"slide\"")
                .contains("very very very")
                .doesNotContain("A </script>", "thing </script>");
        for (String link : List.of("figures/accuracy-by-step.png", "figures/bits-by-loss.svg", "tables/learned.csv")) {
            assertThat(folder.resolve("study").resolve(link)).isNotEmptyFile();
        }
    }

    @Test
    void twoRunsAreComparedAtEqualStepTokensAndLoss() throws Exception {
        Study.write(List.of(run("fast", 0.8), run("slow", 1.4)), Optional.empty(), folder.resolve("study"));
        List<Map> rows = new CarpetReader<>(
                        folder.resolve("study/tables/comparison.parquet").toFile(), Map.class)
                .toList();
        assertThat(rows.stream().map(row -> row.get("equal")))
                .containsExactly("step", "tokens", "validation loss", "step", "tokens", "validation loss");
        Map<?, ?> atStep = rows.getFirst();
        assertThat(((Number) atStep.get("at")).doubleValue()).isEqualTo(310);
        assertThat(((Number) atStep.get("difference")).doubleValue()).isNegative();
        assertThat(((Number) atStep.get("p")).doubleValue()).isLessThan(0.05);
    }

    @Test
    void refusesWhatIsNoSeries() throws Exception {
        assertThatThrownBy(() -> Study.write(List.of(folder), Optional.empty(), folder.resolve("study")))
                .isInstanceOf(RequestException.class)
                .hasMessage(folder + " is not a run: it has no config.yaml");
        Path run = Files.createDirectories(folder.resolve("run"));
        Files.writeString(run.resolve("config.yaml"), "out: x\n");
        assertThatThrownBy(() -> Study.write(List.of(run), Optional.empty(), folder.resolve("study")))
                .isInstanceOf(RequestException.class)
                .hasMessage(run + " has no benchmark of 2 checkpoints or more in evaluations.jsonl");
        assertThat(folder.resolve("study")).doesNotExist();
    }

    @Test
    void signalIsSpreadAndNoiseWhatIsLeftAroundALine() {
        double[] values = new double[40];
        for (int i = 0; i < values.length; i++) {
            values[i] = 1 + i / 39.0 + (i % 2 == 0 ? 0.01 : -0.01);
        }
        Signal signal = Signal.of("r", "t", TaskSeries.Metric.ACCURACY, values);
        assertThat(signal.last()).isEqualTo(10);
        assertThat(signal.signal()).isBetween(0.64, 0.67);
        assertThat(signal.apart()).isBetween(1.96 * Math.sqrt(2) * 0.009, 1.96 * Math.sqrt(2) * 0.012);
        assertThat(signal.pairs()).isGreaterThan(0.9);
    }
}
