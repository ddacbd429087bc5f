package dev.cria.tune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.RequestException;
import dev.cria.model.Oracles;
import dev.cria.model.SmallDirectories;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.tune.ChatTemplate.Ending;
import dev.cria.tune.InstructionRow.Conversation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Rows of every form, as transformers' apply_chat_template writes them by each family's template; see templates.py. */
final class TemplateFamiliesTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String REFUSED = "refused";

    @TempDir
    Path folder;

    static List<Path> templates() {
        return Oracles.folders("templates")
                .flatMap(TemplateFamiliesTest::templates)
                .toList();
    }

    private static Stream<Path> templates(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(".jinja")).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("templates")
    void everyRowIsWrittenAsTransformersWritesIt(Path template) throws IOException {
        ChatTemplate ours = ours(template);
        List<JsonNode> rows = lines(template.resolveSibling("rows.jsonl"));
        List<JsonNode> goldens = lines(Path.of(template.toString().replaceFirst("jinja$", "jsonl")));
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            var row = (Conversation) InstructionRow.of(rows.get(i), "row " + (i + 1));
            List<Message> asked = row.messages().subList(0, row.messages().size() - 1);
            compare(goldens.get(i).path("text"), text(ours, row.messages(), row.variables(), Ending.ANSWERED), wrong);
            compareMarked(goldens.get(i), ours, row, wrong);
            compare(goldens.get(i).path("prompt"), text(ours, asked, row.variables(), Ending.ASKED), wrong);
        }
        assertThat(wrong).isEmpty();
    }

    private ChatTemplate ours(Path template) throws IOException {
        Tokenizers.save(SmallDirectories.TOKENIZER, folder);
        Files.copy(template, folder.resolve("chat_template.jinja"));
        Files.writeString(folder.resolve("tokenizer_config.json"), """
            {"bos_token": "<s>", "eos_token": "<|endoftext|>"}\
            """);
        return (ChatTemplate) Template.named("chat_template", Tokenizers.load(folder));
    }

    private static List<JsonNode> lines(Path file) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }

    private static String text(
            ChatTemplate template, List<Message> messages, Map<String, Object> variables, Ending ending) {
        try {
            return template.render(messages, variables, ending).text();
        } catch (RequestException e) {
            return REFUSED;
        }
    }

    private static void compareMarked(JsonNode golden, ChatTemplate ours, Conversation row, List<String> wrong) {
        if (golden.path("text").isNull()) {
            return;
        }
        var whole = ours.render(row.messages(), row.variables(), Ending.ANSWERED);
        List<String> marked = whole.generated().stream()
                .filter(span -> span.to() > span.from())
                .map(span -> whole.text().substring(span.from(), span.to()))
                .toList();
        List<String> expected = golden.path("generated")
                .valueStream()
                .map(JsonNode::stringValue)
                .toList();
        if (!marked.equals(expected)) {
            wrong.add("expected as the assistant's " + expected + "\n   but was  " + marked);
        }
    }

    private static void compare(JsonNode golden, String actual, List<String> wrong) {
        String expected = golden.isNull()
                ? REFUSED
                : golden.stringValue()
                        .replace("<today %d %b %Y>", today("dd MMM yyyy"))
                        .replace("<today %Y-%m-%d>", today("yyyy-MM-dd"));
        if (!expected.equals(actual)) {
            wrong.add("expected " + expected + "\n   but was  " + actual);
        }
    }

    private static String today(String pattern) {
        return LocalDate.now().format(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH));
    }
}
