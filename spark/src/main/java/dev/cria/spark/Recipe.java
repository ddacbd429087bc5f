package dev.cria.spark;

import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.data.dedup.Dedup;
import dev.cria.data.filter.EduScore;
import dev.cria.data.filter.FilterChain;
import dev.cria.data.filter.FilterFile;
import dev.cria.data.filter.LinearClassifier;
import dev.cria.data.prepare.BadRows;
import dev.cria.data.prepare.Contamination;
import dev.cria.data.prepare.Curation;
import dev.cria.tokenizer.Tokenizers;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Curation} is made of, in a form that travels: choices, and the bytes of the files that they name. Each
 * executor makes its own once.
 */
final class Recipe implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final String FILTERS = "filters.yaml";
    private static final String CLASSIFIER = "classifier.safetensors";
    private static final String BENCHMARKS = "benchmarks";
    private static final String TOKENIZER = "tokenizer";

    private final Choices choices;
    private final TreeMap<String, byte[]> files = new TreeMap<>();
    private transient @Nullable Curation made;

    /**
     * The choices that name no file.
     *
     * @param filters {@code none}, {@code fineweb}, or empty for a file of one's own
     * @param minEduScore none or one
     */
    record Choices(
            String filters,
            List<Double> minEduScore,
            Dedup dedup,
            Dedup.Scope scope,
            BadRows badRows,
            Contamination.Policy contamination)
            implements Serializable {}

    private Recipe(Choices choices) {
        this.choices = choices;
    }

    /** Reads the files that a job's arguments name, on the machine of the driver. */
    static Recipe of(PrepareCommand asked) {
        boolean builtIn = asked.filters.equals("none") || asked.filters.equals("fineweb");
        Recipe recipe = new Recipe(new Choices(
                builtIn ? asked.filters : "",
                asked.minEduScore.stream().toList(),
                asked.dedup,
                asked.scope,
                asked.skipBad ? BadRows.SKIP : BadRows.REFUSE,
                asked.dropContaminated ? Contamination.Policy.DROP : Contamination.Policy.COUNT));
        if (!builtIn) {
            recipe.add(FILTERS, Path.of(asked.filters));
        }
        asked.classifier.ifPresent(file -> recipe.add(CLASSIFIER, file));
        asked.benchmarks.ifPresent(directory -> recipe.addAll(BENCHMARKS, directory));
        if (!asked.tokenizer.equals("gpt2")) {
            Tokenizers.named(asked.tokenizer)
                    .files()
                    .forEach((name, bytes) -> recipe.files.put(TOKENIZER + "/" + name, bytes));
        }
        return recipe;
    }

    private void add(String name, Path file) {
        try {
            files.put(name, Files.readAllBytes(file));
        } catch (IOException _) {
            throw new RequestException(
                    "the driver cannot read " + file,
                    "ship it with the job: spark-submit --files " + file + ", and name it without its directory");
        }
    }

    private void addAll(String name, Path directory) {
        try (Stream<Path> all = Files.list(directory)) {
            all.filter(Files::isRegularFile).forEach(file -> add(name + "/" + file.getFileName(), file));
        } catch (IOException _) {
            throw new RequestException(
                    "the driver cannot list " + directory, "name a directory on the driver's machine");
        }
    }

    /** The curation; made on the first call in each process. */
    synchronized Curation curation() {
        if (made == null) {
            made = make();
        }
        return made;
    }

    private Curation make() {
        try {
            Path directory = Files.createTempDirectory("cria-recipe");
            try {
                for (var file : files.entrySet()) {
                    Path place = directory.resolve(file.getKey());
                    Files.createDirectories(place.getParent());
                    Files.write(place, file.getValue());
                }
                return make(directory);
            } finally {
                remove(directory);
            }
        } catch (IOException e) {
            throw new WorkException(
                    "cannot write to the directory for temporary files: " + e.getMessage(), "df -h /tmp", e);
        }
    }

    private Curation make(Path directory) {
        FilterChain chain = FilterFile.named(
                choices.filters.isEmpty() ? directory.resolve(FILTERS).toString() : choices.filters);
        if (!choices.minEduScore.isEmpty()) {
            Optional<LinearClassifier> classifier = files.containsKey(CLASSIFIER)
                    ? Optional.of(LinearClassifier.read(directory.resolve(CLASSIFIER)))
                    : Optional.empty();
            chain = chain.and(new EduScore(choices.minEduScore.getFirst(), classifier));
        }
        Path benchmarks = directory.resolve(BENCHMARKS);
        Path tokenizer = directory.resolve(TOKENIZER);
        return new Curation(
                chain,
                choices.dedup,
                choices.scope,
                choices.badRows,
                Files.exists(benchmarks)
                        ? Optional.of(Contamination.of(benchmarks, choices.contamination))
                        : Optional.empty(),
                Files.exists(tokenizer) ? Tokenizers.load(tokenizer) : Tokenizers.gpt2());
    }

    private static void remove(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
