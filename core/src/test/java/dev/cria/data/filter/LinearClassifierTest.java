package dev.cria.data.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.data.source.Row;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LinearClassifierTest {
    private static final List<String> LEARNED =
            List.of("theorem", "cell", "energy", "history", "because", "experiment");
    private static final List<String> NOISE = List.of("buy", "now", "cheap", "click", "offer", "celebrity");

    /** Texts whose score is five times the share of learned words. */
    private static List<Row.Document> labelled(int n) {
        Random random = new Random(11);
        List<Row.Document> rows = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            int learned = random.nextInt(21);
            StringBuilder text = new StringBuilder();
            for (int w = 0; w < 20; w++) {
                List<String> from = w < learned ? LEARNED : NOISE;
                text.append(from.get(random.nextInt(from.size()))).append(' ');
            }
            rows.add(new Row.Document(
                    "a",
                    i,
                    Optional.empty(),
                    text.toString(),
                    Row.Encoding.SOUND,
                    Optional.empty(),
                    OptionalDouble.of(learned / 4.0)));
        }
        return rows;
    }

    @Test
    void learnsWhatWordsSayAndIsTheSameReadBack(@TempDir Path directory) throws Exception {
        List<Row.Document> rows = labelled(400);
        LinearClassifier trained = LinearClassifier.train(rows.subList(0, 300));
        double squares = 0;
        for (Row.Document row : rows.subList(300, 400)) {
            double off = trained.score(row.text()) - row.score().orElseThrow();
            squares += off * off;
        }
        // Knowing nothing costs the standard deviation, 1.5.
        assertThat(Math.sqrt(squares / 100)).isLessThan(0.5);
        Path file = directory.resolve("edu.safetensors");
        trained.write(file);
        LinearClassifier read = LinearClassifier.read(file);
        assertThat(read.score("a theorem of energy")).isEqualTo(trained.score("a theorem of energy"));
        LinearClassifier.train(rows.subList(0, 300)).write(directory.resolve("again"));
        assertThat(directory.resolve("again")).hasSameBinaryContentAs(file);
        assertThat(new EduScore(2.5, Optional.of(read))
                        .judge(new TextView(FiltersTest.document("cheap offer click now"))))
                .isInstanceOf(Verdict.Drop.class);
        Files.writeString(directory.resolve("bad"), "no classifier");
        assertThatThrownBy(() -> LinearClassifier.read(directory.resolve("bad")))
                .hasMessageContaining("bad");
    }
}
