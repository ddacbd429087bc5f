package dev.cria.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.tune.InstructionRow.Conversation;
import dev.cria.tune.InstructionRow.Tokenized;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class InstructionRowTest {
    private static final String LIST = "[{\"instruction\": \"a\", \"input\": \"b\", \"output\": \"c\"},\n"
            + " {\"instruction\": \"a\", \"input\": null, \"output\": \"c\"}]";
    private static final String LINES = "{\"messages\": [{\"role\": \"user\", \"content\": \"x\"},"
            + " {\"role\": \"assistant\", \"content\": \"y\"}, {\"role\": \"user\", \"content\": \"left\"}]}\n\n"
            + "{\"input_ids\": [1, 2, 3], \"labels\": [-100, 2, 3]}\n{\"input_ids\": [4]}\n";

    @TempDir
    Path folder;

    private List<InstructionRow> read(String content) throws IOException {
        return InstructionFiles.read(List.of(Files.writeString(folder.resolve("rows"), content)));
    }

    @Test
    void listsAndLinesOfEveryFormAreRead() throws IOException {
        assertThat(read(LIST))
                .containsExactly(
                        new Conversation(List.of(Message.user("a\nb"), Message.assistant("c"))),
                        new Conversation(List.of(Message.user("a"), Message.assistant("c"))));
        assertThat(read(LINES))
                .containsExactly(
                        new Conversation(List.of(Message.user("x"), Message.assistant("y"))),
                        new Tokenized(new Example(new int[] {1, 2, 3}, new int[] {-100, 2, 3}), true),
                        new Tokenized(new Example(new int[] {4}, new int[] {4}), false));
    }

    @Test
    void compressedFilesAreRead() throws IOException {
        Path file = folder.resolve("rows.json.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(LIST.getBytes(StandardCharsets.UTF_8));
        }
        assertThat(InstructionFiles.read(List.of(file))).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"prompt\": \"a\"} | row 1 has none of instruction and output, messages, input_ids",
                "{\"instruction\": 3, \"output\": \"a\"} | row 1.instruction is 3, not a text",
                "{\"input_ids\": [1, 2], \"labels\": [1]} | row 1 has 2 input_ids and 1 labels",
                "{\"input_ids\": [1.5]} | row 1.input_ids is no list of token ids",
                "{\"messages\": []} | row 1.messages holds no answer of the assistant",
                "{\"messages\": [{\"role\": \"tool\", \"content\": \"\"}]} | row 1.messages[0].role is tool, not"
                        + " system, user or assistant",
                "[] | holds no rows",
                "{\"instruction\" | is not JSON"
            })
    void whatIsNoRowIsRefusedWithItsPlace(String content, String problem) {
        assertThatThrownBy(() -> read(content))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("rows")
                .hasMessageContaining(problem);
    }

    @Test
    void aMissingFileIsRefused() {
        assertThatThrownBy(() -> InstructionFiles.read(List.of(folder.resolve("none.json"))))
                .isInstanceOf(RequestException.class)
                .hasMessageEndingWith("none.json is not there");
    }
}
