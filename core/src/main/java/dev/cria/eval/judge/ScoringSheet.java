package dev.cria.eval.judge;

import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.format.AtomicFiles;
import dev.cria.format.Csv;
import dev.cria.page.Html;
import dev.cria.page.Page;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/**
 * Scoring by people who don't know which model wrote what: the passages, shuffled and numbered anew, as a page that
 * works from disk and saves a file, and as a table for a spreadsheet; and a key that stays with whoever asked, by which
 * the scores find their passages again.
 */
public final class ScoringSheet {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Path html;
    private final Path csv;
    private final Path key;

    private ScoringSheet(Path html, Path csv, Path key) {
        this.html = html;
        this.csv = csv;
        this.key = key;
    }

    /** The files beside an output: {@code judged.jsonl} has {@code judged.sheet.html}, {@code .csv}, {@code .key.jsonl}. */
    public static ScoringSheet beside(Path out) {
        String name = String.valueOf(out.getFileName());
        String stem = name.endsWith(".jsonl") ? name.substring(0, name.length() - ".jsonl".length()) : name;
        return new ScoringSheet(
                out.resolveSibling(stem + ".sheet.html"),
                out.resolveSibling(stem + ".sheet.csv"),
                out.resolveSibling(stem + ".key.jsonl"));
    }

    /** The files that {@link #write} makes: the page, the table, the key. */
    public List<Path> files() {
        return List.of(html, csv, key);
    }

    /** Writes all three. The same seed gives the same order. */
    public void write(List<Passage> passages, long seed) {
        List<Passage> shuffled = new ArrayList<>(passages);
        Collections.shuffle(shuffled, new Random(seed));
        ArrayNode items = JSON.createArrayNode();
        StringBuilder table = new StringBuilder(Csv.spreadsheetLine(header(List.of("rater", "id", "prompt", "text"))));
        StringBuilder keys = new StringBuilder();
        for (int i = 0; i < shuffled.size(); i++) {
            Passage passage = shuffled.get(i);
            String number = "%03d".formatted(i + 1);
            items.addObject().put("id", number).put("prompt", passage.prompt()).put("text", passage.text());
            List<String> fields = new ArrayList<>(List.of("", number, passage.prompt(), passage.text()));
            fields.addAll(Collections.nCopies(Criterion.values().length, ""));
            table.append(Csv.spreadsheetLine(fields));
            keys.append(JSON.createObjectNode().put("number", number).set("passage", JSON.valueToTree(passage)))
                    .append('\n');
        }
        AtomicFiles.write(html, page(items));
        AtomicFiles.write(csv, "\uFEFF" + table);
        AtomicFiles.write(key, keys.toString());
    }

    private static List<String> header(List<String> first) {
        return Stream.concat(first.stream(), Arrays.stream(Criterion.values()).map(Criterion::key))
                .toList();
    }

    private static String page(ArrayNode items) {
        ArrayNode criteria = JSON.createArrayNode();
        for (Criterion criterion : Criterion.values()) {
            criteria.addObject()
                    .put("key", criterion.key())
                    .put("title", criterion.title())
                    .put("meaning", criterion.meaning());
        }
        try (InputStream template = Objects.requireNonNull(
                ScoringSheet.class.getResourceAsStream("scoring-sheet.html"), "the page is in the jar")) {
            return Html.fill(
                    new String(template.readAllBytes(), StandardCharsets.UTF_8),
                    Map.of(
                            "style", Page.colours(),
                            "criteria", Html.scriptJson(criteria),
                            "items", Html.scriptJson(items)));
        } catch (IOException e) {
            throw new WorkException("the page's template cannot be read: " + e.getMessage(), "build Cria again", e);
        }
    }

    /**
     * The scores of a sheet that came back.
     *
     * @param sheet the file that the page saved, or the filled table
     * @throws RequestException if a line's number is not in the key or a score is not 0 to 10, naming the line
     */
    public List<Judgement> read(Path sheet) {
        Map<String, Passage> passages = readKey();
        List<List<String>> rows = Csv.read(sheet.toString(), text(sheet));
        List<String> columns = rows.isEmpty() ? List.of() : rows.getFirst();
        for (String needed : header(List.of("id"))) {
            if (!columns.contains(needed)) {
                throw new RequestException(
                        sheet + " has no column " + needed,
                        "import the file that the page saved, or the .sheet.csv with its scores filled in");
            }
        }
        List<Judgement> judgements = new ArrayList<>();
        for (int i = 1; i < rows.size(); i++) {
            Map<String, String> row = new HashMap<>();
            for (int column = 0; column < Math.min(columns.size(), rows.get(i).size()); column++) {
                row.put(columns.get(column), rows.get(i).get(column).strip());
            }
            if (isScored(row)) {
                judgements.add(judgement(sheet, i, row, passages));
            }
        }
        if (judgements.isEmpty()) {
            throw new RequestException(sheet + " holds no scores", "fill them in, 0 to 10, and save");
        }
        return judgements;
    }

    private static boolean isScored(Map<String, String> row) {
        return Arrays.stream(Criterion.values())
                .anyMatch(criterion -> !row.getOrDefault(criterion.key(), "").isEmpty());
    }

    private static Judgement judgement(Path sheet, int number, Map<String, String> row, Map<String, Passage> passages) {
        String id = row.getOrDefault("id", "");
        // A spreadsheet takes 007 for a number.
        Passage passage = passages.get(id.matches("\\d{1,9}") ? "%03d".formatted(Integer.parseInt(id)) : id);
        if (passage == null) {
            throw new RequestException(
                    "%s, row %d: there is no passage %s in the key".formatted(sheet, number, id),
                    "import it with the --out that the sheet was made with");
        }
        Map<Criterion, Double> scores = new EnumMap<>(Criterion.class);
        for (Criterion criterion : Criterion.values()) {
            String value = row.getOrDefault(criterion.key(), "");
            if (!value.matches("(\\d|10)([.,]\\d+)?") || Double.parseDouble(value.replace(',', '.')) > Scores.HIGHEST) {
                throw new RequestException(
                        "%s, row %d: %s is \"%s\", not 0 to 10".formatted(sheet, number, criterion.key(), value),
                        "score all six criteria of a passage, or none");
            }
            scores.put(criterion, Double.parseDouble(value.replace(',', '.')));
        }
        String rater = row.getOrDefault("rater", "");
        return new Judgement(passage, rater.isEmpty() ? sheet.getFileName().toString() : rater, new Scores(scores));
    }

    /** The passages of the sheet, in their order before shuffling. */
    public List<Passage> passages() {
        return readKey().values().stream()
                .sorted(Comparator.comparing(Passage::id, Comparator.comparingInt(String::length))
                        .thenComparing(Passage::id))
                .toList();
    }

    private Map<String, Passage> readKey() {
        Map<String, Passage> passages = new HashMap<>();
        try {
            text(key)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .map(JSON::readTree)
                    .forEach(line -> passages.put(line.path("number").stringValue(""), passage(line.path("passage"))));
        } catch (JacksonException e) {
            throw new WorkException(key + " is damaged: " + e.getOriginalMessage(), "make the sheet again", e);
        }
        return passages;
    }

    private Passage passage(JsonNode node) {
        for (String field : List.of("id", "model", "prompt", "text")) {
            if (!node.path(field).isString()) {
                throw new WorkException(key + " is damaged: a passage has no text " + field, "make the sheet again");
            }
        }
        return new Passage(
                node.path("id").stringValue(),
                node.path("model").stringValue(),
                node.path("weights").asString(""),
                node.path("step").asLong(0),
                node.path("prompt").stringValue(),
                node.path("text").stringValue());
    }

    private static String text(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new RequestException(
                    "there is no " + file, "ls " + file.toAbsolutePath().getParent());
        }
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(file, e);
        }
    }
}
