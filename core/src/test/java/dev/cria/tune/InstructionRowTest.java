package dev.cria.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.WorkException;
import dev.cria.model.SmallDirectories;
import dev.cria.template.Jinja;
import dev.cria.tune.InstructionRow.Conversation;
import dev.cria.tune.InstructionRow.Tokenized;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    private static final BigInteger ONE = BigInteger.ONE;

    @TempDir
    Path folder;

    private List<InstructionRow> read(String content) throws IOException {
        return InstructionFiles.read(List.of(Files.writeString(folder.resolve("rows"), content)))
                .getFirst();
    }

    private Conversation said(int row, Message... messages) {
        return new Conversation(List.of(messages), Map.of(), false, folder.resolve("rows") + " row " + row);
    }

    @Test
    void listsAndLinesOfEveryFormAreRead() throws IOException {
        assertThat(read(LIST))
                .containsExactly(
                        said(1, Message.user("a\nb"), Message.assistant("c")),
                        said(2, Message.user("a"), Message.assistant("c")));
        assertThat(read(LINES))
                .containsExactly(
                        new Conversation(
                                List.of(Message.user("x"), Message.assistant("y")),
                                Map.of(),
                                true,
                                folder.resolve("rows") + " row 1"),
                        new Tokenized(new Example(new int[] {1, 2, 3}, new int[] {-100, 2, 3}), true),
                        new Tokenized(new Example(new int[] {4}, new int[] {4}), false));
    }

    @Test
    void theFormsOfOtherProgramsAreRead() throws IOException {
        Message[] plain = {Message.user("a"), Message.assistant("c")};
        assertThat(read("""
            {"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "c"}]}
            {"instruction": "a", "context": "", "response": "c", "category": "qa"}
            {"prompt": "a", "completion": "c"}
            {"prompt": [{"role": "user", "content": "a"}], "completion": [{"role": "assistant", "content": "c"}]}
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}, {"role": "assistant", "content": "c"}]}
            """))
                .containsExactly(said(1, plain), said(2, plain), said(3, plain), said(4, plain), said(5, plain));
        assertThat(InstructionFiles.formats(folder.resolve("rows")))
                .isEqualTo("sharegpt, dolly, prompt/completion, messages");
        assertThat(read("{\"instruction\": \"a\", \"output\": \"c\", \"system\": \"s\", \"history\": [[\"x\","
                        + " \"y\"]]}"))
                .containsExactly(said(
                        1,
                        new Message(Message.Role.SYSTEM, "s"),
                        Message.user("x"),
                        Message.assistant("y"),
                        Message.user("a"),
                        Message.assistant("c")));
    }

    /** The forms of OpenAI, old and new, and of ShareGPT say the same; what a message has besides is the template's. */
    @Test
    void callsOfToolsAreReadInEveryForm() throws IOException {
        Map<String, Object> call = Map.of(
                "type", "function", "function", Map.of("name", "sky", "arguments", Map.of("at", "sea", "days", ONE)));
        var result = new Message(Message.Role.TOOL, "grey");
        var answer = Message.assistant("It is grey.");
        Message asked = Message.user("Which sky?");
        var calling = new Message(Message.Role.ASSISTANT, "", Map.of("tool_calls", List.of(call)));
        Map<String, Object> tools =
                Map.of("tools", List.of(Map.of("type", "function", "function", Map.of("name", "sky"))));
        String where = folder.resolve("rows") + " row ";
        List<InstructionRow> rows = read("""
            {"messages": [{"role": "user", "content": "Which sky?"}, {"role": "assistant", "tool_calls": [{"type": "function",\
             "function": {"name": "sky", "arguments": {"at": "sea", "days": 1}}}]}, {"role": "tool", "content": "grey"},\
             {"role": "assistant", "content": "It is grey.", "tool_calls": null}],\
             "tools": [{"type": "function", "function": {"name": "sky"}}]}
            {"messages": [{"role": "user", "content": "Which sky?"}, {"role": "assistant", "function_call": {"name": "sky",\
             "arguments": "{\\"at\\": \\"sea\\", \\"days\\": 1}"}}, {"role": "function", "content": "grey"},\
             {"role": "assistant", "content": "It is grey."}], "tools": [{"type": "function", "function": {"name": "sky"}}]}
            {"conversations": [{"from": "human", "value": "Which sky?"}, {"from": "function_call", "value": "{\\"name\\":\
             \\"sky\\", \\"arguments\\": {\\"at\\": \\"sea\\", \\"days\\": 1}}"}, {"from": "observation", "value": "grey"},\
             {"from": "gpt", "value": "It is grey."}], "tools": "[{\\"name\\": \\"sky\\"}]"}
            {"messages": [{"role": "user", "content": "Hi", "name": "Ann"}, {"role": "assistant", "content": null,\
             "tool_calls": [{"id": "a"}]}], "chat_template_kwargs": {"enable_thinking": false}}
            """);
        for (int i = 0; i < 3; i++) {
            assertThat(rows.get(i))
                    .isEqualTo(
                            new Conversation(List.of(asked, calling, result, answer), tools, false, where + (i + 1)));
        }
        assertThat(rows.getLast())
                .isEqualTo(new Conversation(
                        List.of(
                                new Message(Message.Role.USER, "Hi", Map.of("content", "Hi", "name", "Ann")),
                                new Message(
                                        Message.Role.ASSISTANT,
                                        "",
                                        Map.of("content", Jinja.NONE, "tool_calls", List.of(Map.of("id", "a"))))),
                        Map.of("enable_thinking", false),
                        false,
                        where + 4));
    }

    @Test
    void whatATemplateHasNoPlaceForIsRefusedWithItsRow() throws IOException {
        List<InstructionRow> rows = read("""
            {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
            {"messages": [{"role": "user", "content": "a"}, {"role": "tool", "content": "b"}, {"role": "assistant", "content": "c"}]}
            """);
        var vicuna = Template.named("vicuna_v1.1", SmallDirectories.TOKENIZER);
        assertThatThrownBy(() ->
                        InstructionData.of(List.of(rows), Optional.of(vicuna), TuningRecipe.LossOn.RESPONSE, 90, 320))
                .isInstanceOf(RequestException.class)
                .hasMessage(folder.resolve("rows") + " row 2: template vicuna_v1.1 has no place for messages of tools");
    }

    @Test
    void whatFollowsTheLastAnswerIsLeftOutAndCounted() throws IOException {
        InstructionData data = InstructionData.of(
                List.of(read(LINES), read("{\"input_ids\": [1, 2]}")),
                Optional.of(Template.named("vicuna_v1.1", SmallDirectories.TOKENIZER)),
                TuningRecipe.LossOn.ALL,
                200,
                320);
        assertThat(data.ofEachFile()).containsExactly(2, 1);
        assertThat(data.describe())
                .endsWith("; 1 without what follows their last answer; 1 dropped, nothing of the answer was left");
    }

    @Test
    void anEmptyAnswerIsCountedAndLeftOut() throws IOException {
        List<InstructionRow> rows = read("{\"instruction\": \"a\", \"output\": \"\"}\n{\"input_ids\": [1, 2]}");
        assertThat(rows).contains(new InstructionRow.Unanswered());
        InstructionData data = InstructionData.of(List.of(rows), Optional.empty(), TuningRecipe.LossOn.ALL, 8, 9);
        assertThat(data.describe()).isEqualTo("1 rows, 2 tokens, 1 with a loss; 1 with an empty answer left out");
    }

    @Test
    void compressedFilesAreRead() throws IOException {
        Path file = folder.resolve("rows.json.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(LIST.getBytes(StandardCharsets.UTF_8));
        }
        assertThat(InstructionFiles.read(List.of(file)).getFirst()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"prompt\": \"a\"} | row 1 has none of messages, conversations, instruction and output,"
                        + " instruction and response, prompt and completion, input_ids; it has prompt",
                "{\"instruction\": \"a\", \"inputs\": \"b\", \"output\": \"c\"} | row 1 has inputs where input is a"
                        + " field of such rows",
                "{\"instruction\": \"a\", \"input\": [\"b\"], \"output\": \"c\"} | row 1.input is [\"b\"], not a text",
                "{\"instruction\": \"a\", \"history\": [[\"b\"]], \"output\": \"c\"} | row 1.history[0] is [\"b\"],"
                        + " not a question and its answer",
                "{\"messages\": [{\"role\": \"assistant\", \"content\": \"\", \"tool_calls\": [1]}]} | row"
                        + " 1.messages[0].tool_calls is [1], not a list of calls",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"\", \"tool_calls\": [{}]}]} | row"
                        + " 1.messages[0] calls a tool, and it is not the assistant's",
                "{\"messages\": [{\"role\": \"assistant\", \"content\": \"a\", \"weight\": 0}]} | row"
                        + " 1.messages[0].weight is 0, and every answer has the weight 1 here",
                "{\"messages\": [{\"role\": \"assistant\", \"content\": null}]} | row 1.messages[0].content is null,"
                        + " not a text",
                "{\"messages\": [{\"role\": \"system\", \"content\": \"s\"}, {\"role\": \"assistant\", \"content\":"
                    + " \"a\"}], \"system\": \"t\"} | row 1.system is set, and a message of the system is there too",
                "{\"messages\": [{\"role\": \"assistant\", \"content\": \"a\"}], \"tools\": \"a b\"} | row 1.tools is"
                        + " \"a b\", not JSON",
                "{\"conversations\": [{\"from\": \"function_call\", \"value\": \"{}\"}]} | row 1.conversations[0].value"
                        + " is {}, not a name with arguments",
                "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image\"}]}]} | row"
                        + " 1.messages[0].content[0] is {\"type\":\"image\"}, not a part of type text",
                "{\"instruction\": 3, \"output\": \"a\"} | row 1.instruction is 3, not a text",
                "{\"input_ids\": [1, 2], \"labels\": [1]} | row 1 has 2 input_ids and 1 labels",
                "{\"input_ids\": [1.5]} | row 1.input_ids is not a list of token ids",
                "{\"messages\": []} | row 1.messages holds no answer of the assistant",
                "{\"messages\": [{\"role\": \"robot\", \"content\": \"\"}]} | row 1.messages[0].role is robot,"
                        + " not system, user, assistant or tool",
                "[] | has no rows"
            })
    void whatIsNoRowIsRefusedWithItsPlace(String content, String problem) {
        assertThatThrownBy(() -> read(content))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("rows")
                .hasMessageContaining(problem);
    }

    @Test
    void whatIsNotJsonIsDamageWithItsLine() {
        assertThatThrownBy(() -> read("{\"instruction\""))
                .isInstanceOf(WorkException.class)
                .hasMessageContaining("line 1 is not JSON");
    }

    @Test
    void aMissingFileIsRefused() {
        assertThatThrownBy(() -> InstructionFiles.read(List.of(folder.resolve("none.json"))))
                .isInstanceOf(RequestException.class)
                .hasMessageEndingWith("none.json is not there");
    }
}
