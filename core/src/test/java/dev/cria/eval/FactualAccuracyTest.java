package dev.cria.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.Progress;
import dev.cria.RequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FactualAccuracyTest {
    private static final ByteTokenizer BYTES = new ByteTokenizer();

    @TempDir
    Path directory;

    @Test
    void whoKnowsTheStatedFactsOnlyIsRightOnThem() throws IOException {
        StringBuilder facts = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            String split = i < 10 ? "stated" : "heldout";
            facts.append("""
                {"concept": "thing%d", "relation": "kind", "object": "sort%d", "split": "%s", "statements": 3}
                """.formatted(i, i, split));
        }
        Path file = Files.writeString(directory.resolve("facts.jsonl"), facts);

        Map<String, FactualAccuracy.Known> known =
                FactualAccuracy.of(file, 0, BYTES, new Knowing(10), Progress.silent());

        assertThat(known.get("stated").accuracy().value()).isEqualTo(1);
        assertThat(known.get("heldout").accuracy().value()).isLessThan(1);
        assertThat(FactualAccuracy.of(file, 4, BYTES, new Knowing(20), Progress.silent()))
                .allSatisfy((split, each) -> assertThat(each.accuracy()).isEqualTo(new Accuracy(1, 0)));
    }

    @Test
    void tellsHowMuchOftenerTheWrongOptionsAreStatedThanTheTrueOnesThatNoDocumentHas() throws IOException {
        StringBuilder facts = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            // One of four true objects of the last eight is a stated one of another concept.
            facts.append("""
                {"concept": "thing%d", "relation": "kind", "object": "sort%d", "split": "%s", "statements": 3}
                """.formatted(i, i >= 32 && i % 4 == 0 ? i - 32 : i, i < 32 ? "stated" : "heldout"));
        }
        Path file = Files.writeString(directory.resolve("facts.jsonl"), facts);

        FactualAccuracy.Known heldOut = FactualAccuracy.of(file, 0, BYTES, new Knowing(0), Progress.silent())
                .get("heldout");

        assertThat(heldOut.facts()).isEqualTo(8);
        assertThat(heldOut.trueStated()).isEqualTo(0.25);
        // 32 of 38 objects are stated.
        assertThat(heldOut.wrongStated()).isBetween(0.6, 1.0);
    }

    @Test
    void refusesFactsWithoutEnoughObjects() throws IOException {
        Path file = Files.writeString(
                directory.resolve("facts.jsonl"),
                "{\"concept\": \"a\", \"relation\": \"kind\", \"object\": \"b\", \"split\": \"stated\"}\n");

        assertThatThrownBy(() -> FactualAccuracy.of(file, 0, BYTES, new Knowing(1), Progress.silent()))
                .isInstanceOf(RequestException.class)
                .hasMessage(file + " has no relation with 4 objects in split stated");
    }

    /** Likes "sort7" after "thing7" for numbers below a bound, and lower numbers everywhere else. */
    private record Knowing(int bound) implements Scorer {
        @Override
        public int positions() {
            return 100;
        }

        @Override
        public double[] logLikelihoods(List<Request> requests, Progress.Task progress) {
            return requests.stream()
                    .mapToDouble(request -> {
                        int asked = number(BYTES.decode(request.context()));
                        int answered = number(BYTES.decode(request.continuation()));
                        return asked == answered && asked < bound ? 0 : -100 - answered;
                    })
                    .toArray();
        }

        private static int number(String text) {
            return Integer.parseInt(text.replaceAll("\\D", ""));
        }
    }
}
