package dev.cria.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.model.LlamaConfig;
import dev.cria.model.RopeScaling;
import dev.cria.model.SmallDirectories;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tokenizer.Tokenizers;
import dev.cria.weights.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What docs/interop.md says is read has its golden numbers, and what it says is refused is refused by that key. */
final class InteropPageTest {
    private static final Path PAGE = Path.of("../docs/interop.md");
    private static final Path ORACLES = Path.of("src/test/resources/oracle");
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern ROW = Pattern.compile(
            "\\|(?<what>(?:[^|\\\\]|\\\\.)+)\\| (?<here>read|refused) \\|(?<cases>(?:[^|\\\\]|\\\\.)+)\\|");
    private static final LlamaConfig CONFIG = SmallDirectories.llama(new RopeScaling.None(), false);
    private static final Storage STORAGE = Storage.training(DType.FLOAT32, DType.FLOAT32);

    @TempDir
    private Path folder;

    /** A line of a table: what it is of, whether it is read, and its cases. */
    private record Row(String section, String what, boolean isRead, List<String> cases) {
        boolean hasKey() {
            return cases.stream().anyMatch(one -> one.contains(" = "));
        }

        @Override
        public String toString() {
            return section + ": " + what;
        }
    }

    private static List<Row> rows() throws IOException {
        List<Row> rows = new ArrayList<>();
        String section = "";
        List<String> lines = Files.readAllLines(PAGE);
        for (int i = 0; i < lines.size() - 1; i++) {
            section = lines.get(i).startsWith("## ") ? lines.get(i).substring(3) : section;
            boolean heads = lines.get(i + 1).startsWith("| --- |");
            var row = ROW.matcher(lines.get(i));
            if (!heads && row.matches()) {
                List<String> cases = Pattern.compile("`([^`]+)`")
                        .matcher(row.group("cases").replace("\\|", "|"))
                        .results()
                        .map((MatchResult found) -> found.group(1))
                        .toList();
                rows.add(new Row(
                        section, row.group("what").strip(), row.group("here").equals("read"), cases));
            }
        }
        return rows;
    }

    private static Stream<Row> rows(String section, boolean isRead) throws IOException {
        return rows().stream().filter(row -> row.section().equals(section) && row.isRead() == isRead);
    }

    static Stream<Row> read() throws IOException {
        return rows().stream().filter(row -> row.isRead() && !row.hasKey());
    }

    @ParameterizedTest
    @MethodSource("read")
    void whatIsReadHasItsGoldenNumbers(Row row) {
        assertThat(row.cases()).isNotEmpty().allSatisfy(name -> assertThat(ORACLES.resolve(name))
                .exists());
    }

    @Test
    void theTablesHaveAllThatIsTested() throws IOException {
        assertThat(cases("Models")).hasSizeGreaterThanOrEqualTo(8).containsAll(names("llama", ""));
        assertThat(cases("Chat templates")).hasSizeGreaterThanOrEqualTo(12).containsAll(names("templates", ".jinja"));
        assertThat(cases("Tokenizers")).hasSizeGreaterThanOrEqualTo(12);
    }

    private static List<String> cases(String section) throws IOException {
        return rows(section, true).flatMap(row -> row.cases().stream()).toList();
    }

    private static List<String> names(String folder, String ending) throws IOException {
        try (Stream<Path> files = Files.list(ORACLES.resolve(folder))) {
            return files.map(file -> folder + "/" + file.getFileName())
                    .filter(name -> name.endsWith(ending))
                    .toList();
        }
    }

    static Stream<Row> refusedModels() throws IOException {
        return rows("Models", false);
    }

    @ParameterizedTest
    @MethodSource("refusedModels")
    void aModelIsRefusedByItsKey(Row row) throws IOException {
        Map<String, Object> keys = row.cases().size() > 1
                ? Map.of("vocab_size", 8, "n_embd", 4, "n_layer", 1, "n_head", 1, "n_positions", 8)
                : CONFIG.toHuggingFace();
        ObjectNode config = JSON.valueToTree(keys);
        put(config, row.cases());
        Files.writeString(folder.resolve("config.json"), config.toString());
        assertThatThrownBy(() -> Models.readConfig(folder))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("config.json." + key(row.cases().getLast()));
    }

    static Stream<Row> refusedTokenizers() throws IOException {
        return rows("Tokenizers", false);
    }

    @ParameterizedTest
    @MethodSource("refusedTokenizers")
    void aTokenizerIsRefusedByItsKey(Row row) throws IOException {
        Tokenizers.save(SmallDirectories.TOKENIZER, folder);
        Path file = folder.resolve("tokenizer.json");
        ObjectNode tokenizer = (ObjectNode) JSON.readTree(file);
        put(tokenizer, row.cases());
        Files.writeString(file, tokenizer.toString());
        assertThatThrownBy(() -> Tokenizers.load(folder))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining(key(row.cases().getLast()));
    }

    static Stream<Row> refusedTemplates() throws IOException {
        return rows("Chat templates", false);
    }

    @ParameterizedTest
    @MethodSource("refusedTemplates")
    void aTemplateIsRefusedByItsLine(Row row) throws IOException {
        Tokenizers.save(SmallDirectories.TOKENIZER, folder);
        Files.writeString(
                folder.resolve("chat_template.jinja"), "\n" + row.cases().getFirst());
        assertThatThrownBy(() -> Template.named("chat_template", Tokenizers.load(folder))
                        .promptText(List.of(Message.user("Hi"))))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("(line 2)");
    }

    static Stream<Row> adapters() throws IOException {
        return rows().stream().filter(row -> row.section().equals("Adapters") && row.hasKey());
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void anAdapterIsReadOrRefusedByItsKey(Row row) throws IOException {
        Lora lora = new Lora(3, 6, 0, List.of("q_proj"));
        try (Adapters made = Adapters.allocate(CONFIG, 3, 2, Adapters.isOneOf(lora.targets()), Device.CPU, STORAGE)) {
            Models.initialize(made.parameters(), 5);
            PeftFiles.write(made, lora, "base", folder, Models::weights);
        }
        Path file = folder.resolve("adapter_config.json");
        ObjectNode config = (ObjectNode) JSON.readTree(file);
        put(config, row.cases());
        Files.writeString(file, config.toString());
        if (row.isRead()) {
            PeftFiles.load(folder, CONFIG, Device.CPU, STORAGE).close();
            return;
        }
        assertThatThrownBy(() -> PeftFiles.load(folder, CONFIG, Device.CPU, STORAGE))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining(key(row.cases().getLast()) + " is ");
    }

    private static String key(String setting) {
        return setting.substring(0, setting.indexOf(" = "));
    }

    /** Sets keys that are written {@code a.b = JSON}. */
    private static void put(ObjectNode file, List<String> settings) {
        for (String setting : settings) {
            JsonNode value = JSON.readTree(setting.substring(setting.indexOf(" = ") + 3));
            String[] path = key(setting).split("\\.");
            ObjectNode at = file;
            for (int i = 0; i < path.length - 1; i++) {
                at = (ObjectNode) at.get(path[i]);
            }
            at.set(path[path.length - 1], value);
        }
    }
}
