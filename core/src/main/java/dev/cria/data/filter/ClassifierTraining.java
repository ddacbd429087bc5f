package dev.cria.data.filter;

import dev.cria.Progress;
import dev.cria.RequestException;
import dev.cria.data.source.Blocks;
import dev.cria.data.source.Row;
import dev.cria.data.source.Sources;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Trains a classifier on labelled rows and measures it on rows held out. */
public final class ClassifierTraining {
    private static final int HELD_OUT = 10;
    private static final double THRESHOLD = 3;

    private ClassifierTraining() {}

    /**
     * How far a classifier's scores are from the true ones.
     *
     * @param rows how many were held out
     * @param rootMeanSquare of the differences
     * @param explained 1 − squared differences ÷ squared differences from the mean
     * @param f1 of "scores 3 or more", FineWeb-Edu's measure
     */
    public record Measured(int rows, double rootMeanSquare, double explained, double f1) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "held out %d rows: root mean square error %.3f, variance explained %.3f, F1 at %.0f: %.3f",
                    rows,
                    rootMeanSquare,
                    explained,
                    THRESHOLD,
                    f1);
        }
    }

    /** Trains on nine of ten rows, measures on the tenth, trains on all, writes that. */
    public static Measured run(Sources sources, Path out, Progress progress) {
        List<Row.Document> all = labelled(sources);
        List<Row.Document> held = new ArrayList<>();
        List<Row.Document> rest = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            (i % HELD_OUT == HELD_OUT - 1 ? held : rest).add(all.get(i));
        }
        if (held.isEmpty()) {
            throw new RequestException(
                    "there are " + all.size() + " labelled rows, and at least " + HELD_OUT + " are needed",
                    "label more; FineWeb-Edu's classifier was trained on 460,000");
        }
        progress.say("trains on " + all.size() + " rows");
        Measured measured = measure(LinearClassifier.train(rest), held);
        LinearClassifier.train(all).write(out);
        return measured;
    }

    private static List<Row.Document> labelled(Sources sources) {
        List<Row.Document> all = new ArrayList<>();
        try (Blocks blocks = sources.blocks()) {
            while (blocks.hasNext()) {
                blocks.next().reader().read(row -> {
                    switch (row) {
                        case Row.Document document -> all.add(withScore(document));
                        case Row.WithoutText _ -> {}
                        case Row.Unreadable unreadable -> throw unreadable.refusal();
                    }
                });
            }
        }
        return all;
    }

    private static Row.Document withScore(Row.Document document) {
        if (document.score().isEmpty()) {
            throw new RequestException(
                    document.source() + " row " + document.row() + " has no number under 'score'",
                    "each row needs one, such as {\"text\": \"…\", \"score\": 3}");
        }
        return document;
    }

    private static Measured measure(LinearClassifier classifier, List<Row.Document> held) {
        double mean = held.stream()
                .mapToDouble(d -> d.score().orElseThrow())
                .average()
                .orElseThrow();
        double squares = 0;
        double variance = 0;
        int right = 0;
        int named = 0;
        int wanted = 0;
        for (Row.Document document : held) {
            double truth = document.score().orElseThrow();
            double score = classifier.score(document.text());
            squares += (score - truth) * (score - truth);
            variance += (truth - mean) * (truth - mean);
            // The measure rounds, as FineWeb-Edu's int_score does.
            boolean positive = Math.rint(score) >= THRESHOLD;
            named += positive ? 1 : 0;
            wanted += truth >= THRESHOLD ? 1 : 0;
            right += positive && truth >= THRESHOLD ? 1 : 0;
        }
        double f1 = named + wanted == 0 ? 1 : 2.0 * right / (named + wanted);
        return new Measured(
                held.size(), Math.sqrt(squares / held.size()), variance == 0 ? 0 : 1 - squares / variance, f1);
    }
}
