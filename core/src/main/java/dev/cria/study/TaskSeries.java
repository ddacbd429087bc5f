package dev.cria.study;

import dev.cria.eval.Benchmark;
import dev.cria.eval.DocumentScore;
import dev.cria.eval.Question;
import dev.cria.eval.series.DocumentFile;
import dev.cria.eval.series.ScoreLine;
import dev.cria.eval.series.ScoreLog;
import dev.cria.page.Point;
import dev.cria.page.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One benchmark over the checkpoints of a run.
 *
 * @param lines by step, all measured alike
 * @param questions their margins at these steps; those that every line has
 * @param texts what they ask, where that was kept
 */
record TaskSeries(Benchmark benchmark, List<ScoreLine> lines, List<Margins> questions, List<Question> texts) {

    /** What is drawn and correlated of a checkpoint. */
    enum Metric {
        ACCURACY("accuracy", line -> line.headline().orElse(Double.NaN)),
        BITS("bits a byte of the right answer", line -> line.metric("bits_per_byte")
                .orElse(Double.NaN));

        private final String words;
        private final ToDoubleFunction<ScoreLine> value;

        Metric(String words, ToDoubleFunction<ScoreLine> value) {
            this.words = words;
            this.value = value;
        }

        String words() {
            return words;
        }

        double of(ScoreLine line) {
            return value.applyAsDouble(line);
        }
    }

    static TaskSeries read(ScoreLog log, Benchmark benchmark, List<ScoreLine> lines) {
        List<List<DocumentScore>> scores = lines.parallelStream()
                .map(line -> DocumentFile.read(log.documents(line)))
                .toList();
        int documents = scores.stream().mapToInt(List::size).min().orElse(0);
        List<List<DocumentScore>> byQuestion = IntStream.range(0, documents)
                .mapToObj(i -> scores.stream().map(each -> each.get(i)).toList())
                .toList();
        List<Question> texts = log.questions(lines.getFirst());
        var priors = new AnswerPriors(
                texts, byQuestion.parallelStream().map(Margins::perByte).toList());
        List<Margins> questions = IntStream.range(0, documents)
                .parallel()
                .mapToObj(i -> Margins.of(byQuestion.get(i), i, priors))
                .toList();
        return new TaskSeries(benchmark, lines, questions, texts);
    }

    long step(int place) {
        return lines.get(place).step();
    }

    List<Point> points(Metric metric) {
        return lines.stream()
                .map(line -> new Point(line.step(), metric.of(line)))
                .filter(point -> Double.isFinite(point.y()))
                .toList();
    }

    /** Error bars of the accuracy. */
    List<Span> spans() {
        List<Span> spans = new ArrayList<>();
        for (ScoreLine line : lines) {
            Stream.of("acc_norm_stderr", "acc_stderr")
                    .filter(name -> line.metrics().containsKey(name))
                    .findFirst()
                    .ifPresent(name -> spans.add(Span.of(
                            new Point(line.step(), Metric.ACCURACY.of(line)),
                            line.metric(name).orElseThrow())));
        }
        return spans;
    }

    double[] values(Metric metric) {
        return lines.stream().mapToDouble(metric::of).toArray();
    }
}
