package dev.cria.primer;

import com.jerolba.carpet.CarpetWriter;
import com.jerolba.carpet.ColumnNamingStrategy;
import dev.cria.Progress;
import dev.cria.WorkException;
import dev.cria.format.AtomicFiles;
import dev.cria.primer.Exam.Task;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes the embedded corpus: lessons, benchmarks and instructions made from WordNet 3.1. The same options write the
 * same bytes, on any machine and with any number of threads.
 *
 * <pre>
 * documents/part-00000.parquet …   lessons in FineWeb-Edu's schema
 * benchmarks/{task}.jsonl          seven tasks about facts that the documents state
 * heldout/{task}.jsonl             the same about facts that no document states
 * instructions.jsonl               alpaca-cleaned's schema; instructions_heldout.jsonl adds "answers"
 * planted.jsonl                    facts planted at known places, planted/openbookqa.jsonl about them; where asked for
 * facts.jsonl, prompts.txt, LICENSE-WordNet.txt, manifest.json
 * </pre>
 */
public final class Primer {
    private static final int ROWS_A_FILE = 25_000;

    private final Path dir;
    private final PrimerOptions options;
    private final Map<String, Object> counts = new LinkedHashMap<>();

    private Primer(Path dir, PrimerOptions options) {
        this.dir = dir;
        this.options = options;
    }

    /** Writes everything into {@code dir}, which is made where it is missing. */
    public static void write(Path dir, PrimerOptions options, Progress progress) {
        try {
            new Primer(dir, options).write(progress);
        } catch (UncheckedIOException e) {
            throw cannotWrite(dir, Objects.requireNonNull(e.getCause()));
        } catch (IOException e) {
            throw cannotWrite(dir, e);
        }
    }

    private static WorkException cannotWrite(Path dir, IOException e) {
        return new WorkException(
                "the corpus cannot be written to " + dir + ": " + AtomicFiles.reason(e),
                "free some space, or use --out",
                e);
    }

    private void write(Progress progress) throws IOException {
        Syllabus chosen = Syllabus.of(options.size(), options.seed());
        Phrasebook phrasebook = new Phrasebook();
        Exam heldOut = new Exam(new Items(chosen, phrasebook), options.size().rows(), ~options.seed());
        Map<Task, List<Item>> unknown = heldOut.items(
                chosen.facts().stream().filter(fact -> !fact.isStated()).toList());
        Syllabus syllabus = chosen.keepingOut(unknown.values().stream()
                .flatMap(List::stream)
                .flatMap(item -> item.claims().stream())
                .toList());
        Corpus corpus = planted(Corpus.write(syllabus, phrasebook, options, progress));
        documents(corpus);
        int enough = options.size().statements();
        List<Fact> known = syllabus.facts().stream()
                .filter(fact -> corpus.statements()[fact.id()] >= enough && fact.isStated())
                .filter(fact -> fact.subject().id() < syllabus.common().size())
                .toList();
        Exam exam = new Exam(new Items(syllabus, phrasebook), options.size().rows(), options.seed());
        exams("benchmarks", exam, exam.items(known));
        exams("heldout", heldOut, unknown);
        Instructions instructions = Instructions.on(known, phrasebook, options.seed());
        jsonLines("instructions.jsonl", instructions.rows());
        jsonLines("instructions_heldout.jsonl", instructions.heldOut());
        jsonLines("facts.jsonl", facts(syllabus, corpus));
        text("prompts.txt", String.join("\n", Resources.lines("prompts.txt")) + "\n");
        text("LICENSE-WordNet.txt", WordNet.licence());
        counts.put("concepts", syllabus.common().size() + syllabus.others().size());
        counts.put("facts_in_benchmarks", known.size());
        manifest(corpus);
        progress.say("primer: " + corpus.documents().size() + " documents, "
                + syllabus.facts().size() + " facts");
    }

    /** With the facts that are to be planted, and files on them; else as it is. */
    private Corpus planted(Corpus corpus) throws IOException {
        if (options.planting().facts() + options.planting().practice() == 0) {
            return corpus;
        }
        Plants plants = Plants.of(options.planting(), corpus.documents(), options.seed());
        if (options.planting().facts() > 0) {
            jsonLines("planted/openbookqa.jsonl", plants.questions());
            jsonLines("planted.jsonl", plants.truth());
        }
        return corpus.withDocuments(plants.into(corpus.documents()));
    }

    private void documents(Corpus corpus) throws IOException {
        List<DocumentRow> rows = corpus.documents();
        Path folder = Files.createDirectories(dir.resolve("documents"));
        for (int part = 0; part * ROWS_A_FILE < rows.size(); part++) {
            List<DocumentRow> of = rows.subList(part * ROWS_A_FILE, Math.min(rows.size(), (part + 1) * ROWS_A_FILE));
            Path file = folder.resolve(String.format("part-%05d.parquet", part));
            try (OutputStream out = Files.newOutputStream(file);
                    CarpetWriter<DocumentRow> writer = new CarpetWriter.Builder<>(out, DocumentRow.class)
                            .withColumnNamingStrategy(ColumnNamingStrategy.SNAKE_CASE)
                            .withCompressionCodec(CompressionCodecName.ZSTD)
                            .build()) {
                writer.write(of);
            }
        }
        counts.put("documents", rows.size());
        counts.put(
                "text_bytes",
                rows.stream()
                        .mapToLong(row -> row.text().getBytes(StandardCharsets.UTF_8).length)
                        .sum());
        counts.put("documents_by_kind", corpus.kinds());
    }

    private void exams(String folder, Exam exam, Map<Task, List<Item>> items) throws IOException {
        Map<String, Integer> rows = new LinkedHashMap<>();
        for (Task task : Task.values()) {
            List<Map<String, Object>> made = exam.rows(task, Objects.requireNonNull(items.get(task)));
            jsonLines(folder + "/" + task.key() + ".jsonl", made);
            rows.put(task.key(), made.size());
        }
        counts.put(folder, rows);
    }

    private static List<Map<String, Object>> facts(Syllabus syllabus, Corpus corpus) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (Fact fact : syllabus.facts()) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("concept", fact.subject().name().bare());
            row.put("relation", fact.relation().key());
            row.put("object", fact.value().text());
            row.put("split", fact.isStated() ? "stated" : "heldout");
            row.put("statements", corpus.statements()[fact.id()]);
            rows.add(row);
        }
        return rows;
    }

    private void jsonLines(String name, List<Map<String, Object>> rows) throws IOException {
        JsonMapper mapper = JsonMapper.shared();
        StringBuilder lines = new StringBuilder();
        rows.forEach(row -> lines.append(mapper.writeValueAsString(row)).append('\n'));
        text(name, lines.toString());
        counts.putIfAbsent(name, rows.size());
    }

    private void text(String name, String content) throws IOException {
        Path file = dir.resolve(name);
        Files.createDirectories(file.toAbsolutePath().getParent());
        try (BufferedWriter writer = Files.newBufferedWriter(file)) {
            writer.write(content);
        }
    }

    private void manifest(Corpus corpus) throws IOException {
        Map<String, Object> manifest = new LinkedHashMap<>();
        manifest.put("size", options.size().name().toLowerCase(java.util.Locale.ROOT));
        manifest.put("seed", options.seed());
        manifest.put("source", "WordNet 3.1, Copyright 2011 by Princeton University");
        manifest.putAll(counts);
        manifest.put("sha256", Checksums.of(dir));
        text(
                "manifest.json",
                JsonMapper.builder().build().writerWithDefaultPrettyPrinter().writeValueAsString(manifest));
    }
}
