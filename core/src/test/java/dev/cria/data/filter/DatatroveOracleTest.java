package dev.cria.data.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Agreement with datatrove's own filters, by document and by reason. Made by {@code core/src/test/oracle/filters.py}, which
 * can write more documents; {@code -Doracle.filters=FILE} reads those.
 */
final class DatatroveOracleTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Path DOCUMENTS =
            Path.of(System.getProperty("oracle.filters", "src/test/resources/oracle/filters/documents.jsonl"));

    private static final Map<String, DocumentFilter> FILTERS = Map.of(
            "gopher_repetition", GopherRepetition.STANDARD,
            "gopher_quality", GopherQuality.STANDARD,
            "c4_lines", C4Lines.STANDARD,
            "c4_strict", new C4Lines(true, 5, 3, 1000),
            "fineweb_quality", FineWebQuality.STANDARD,
            "fineweb_paper", new FineWebQuality(0.12, 0.67, 30, 0.1, 0.3));

    /** Rules here, and what datatrove calls them. */
    private static final Map<String, String> REASONS = reasons();

    private static Map<String, String> reasons() {
        Map<String, String> reasons = new LinkedHashMap<>(Map.of(
                "paragraphs", "dup_para_frac",
                "paragraphs_characters", "dup_para_char_frac",
                "lines", "dup_line_frac",
                "lines_characters", "dup_line_char_frac",
                "curly_bracket", "curly_bracket",
                "lorem_ipsum", "lorem_ipsum",
                "few_sentences", "too_few_sentences"));
        reasons.putAll(Map.of(
                "short", "gopher_short_doc",
                "long", "gopher_long_doc",
                "short_words", "gopher_below_avg_threshold",
                "long_words", "gopher_above_avg_threshold",
                "hashes", "gopher_too_many_hashes",
                "ellipses", "gopher_too_many_ellipsis",
                "bullets", "gopher_too_many_bullets",
                "trailing_ellipses", "gopher_too_many_end_ellipsis",
                "letters", "gopher_below_alpha_threshold",
                "stop_words", "gopher_enough_stop_words"));
        reasons.putAll(Map.of(
                "empty", "empty",
                "punctuation", "line_punct_ratio",
                "short_lines", "short_line_ratio",
                "repeated_characters", "char_dup_ratio",
                "line_breaks", "list_ratio"));
        for (int n = 2; n <= 10; n++) {
            reasons.put("top_" + n + "_gram", "top_" + n + "_gram");
            reasons.put("repeated_" + n + "_grams", "duplicated_" + n + "_n_grams");
        }
        return reasons;
    }

    @Test
    void wordsAreSpacys() throws IOException {
        List<String> differences = new ArrayList<>();
        try (Stream<String> lines = Files.lines(DOCUMENTS)) {
            lines.map(JSON::readTree).forEach(document -> {
                List<String> wanted = document.get("words")
                        .valueStream()
                        .map(JsonNode::asString)
                        .toList();
                List<String> found = words(document.get("text").asString());
                if (!found.equals(wanted)) {
                    int at = 0;
                    while (at < Math.min(found.size(), wanted.size())
                            && found.get(at).equals(wanted.get(at))) {
                        at++;
                    }
                    differences.add("%s: %s, not %s".formatted(document.get("id"), from(found, at), from(wanted, at)));
                }
            });
        }
        assertThat(differences).isEmpty();
    }

    private static List<String> from(List<String> words, int at) {
        return words.subList(Math.max(0, at - 1), Math.min(words.size(), at + 4));
    }

    private static List<String> words(String text) {
        Words words = Words.of(text);
        List<String> all = new ArrayList<>();
        for (int i = 0; i < words.count(); i++) {
            all.add(text.substring(words.begin(i), words.end(i)));
        }
        return all;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gopher_repetition",
                "gopher_quality",
                "c4_lines",
                "c4_strict",
                "fineweb_quality",
                "fineweb_paper"
            })
    void documentsStayAndGoForDatatrovesReasons(String name) throws IOException {
        List<String> differences = new ArrayList<>();
        DocumentFilter filter = FILTERS.get(name);
        try (Stream<String> lines = Files.lines(DOCUMENTS)) {
            lines.map(JSON::readTree).filter(document -> document.has(name)).forEach(document -> {
                String text = document.get("text").asString();
                String found = told(filter.judge(new TextView(FiltersTest.document(text))));
                String wanted = document.get(name).get(0).asBoolean()
                        ? "kept: " + document.get(name).get(1).asString()
                        : document.get(name).get(1).asString();
                if (!found.equals(wanted)) {
                    differences.add("%s: %s, not %s".formatted(document.get("id"), found, wanted));
                }
            });
        }
        assertThat(differences).isEmpty();
    }

    private static String told(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Keep _ -> "kept: ";
            case Verdict.Edit edit -> "kept: " + edit.text();
            case Verdict.Drop drop ->
                REASONS.get(drop.rule().substring(drop.rule().indexOf('.') + 1));
        };
    }
}
