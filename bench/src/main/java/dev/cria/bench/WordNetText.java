package dev.cria.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** English that is on the class path: the definitions and examples of WordNet. */
final class WordNetText {
    /** About the mean length of FineWeb-Edu's documents. */
    private static final int MEAN_DOCUMENT_CHARS = 4_700;

    private WordNetText() {}

    /** All of it, 9 MB, a line each. */
    static String glosses() {
        return Stream.of("noun", "verb", "adj", "adv")
                .flatMap(part -> lines("/net/sf/extjwnl/data/wordnet/wn31/data." + part))
                .filter(line -> line.contains(" | "))
                .map(line -> line.substring(line.indexOf(" | ") + 3))
                .collect(Collectors.joining("\n"));
    }

    private static Stream<String> lines(String resource) {
        try (InputStream in = WordNetText.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the class path has no " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Documents of sentences drawn at random, in paragraphs, together about so many characters. */
    static List<String> documents(long chars) {
        String[] glosses = glosses().split("\n");
        Random random = new Random(7);
        List<String> documents = new ArrayList<>();
        long sum = 0;
        while (sum < chars) {
            long wanted = Math.round(MEAN_DOCUMENT_CHARS * -Math.log(1 - random.nextDouble())) + 200;
            StringBuilder text = new StringBuilder();
            while (text.length() < wanted) {
                String gloss = glosses[random.nextInt(glosses.length)].strip();
                text.append(Character.toUpperCase(gloss.charAt(0)))
                        .append(gloss.substring(1).replace("\"", ""))
                        .append(random.nextInt(4) == 0 ? ".\n" : ". ");
            }
            documents.add(text.toString().strip());
            sum += text.length();
        }
        return documents;
    }
}
