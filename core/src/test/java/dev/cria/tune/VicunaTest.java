package dev.cria.tune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.model.Oracles;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class VicunaTest {
    private static final Tokenizer GPT2 = Tokenizers.gpt2();
    private static final int END = 50256;

    @ParameterizedTest
    @CsvSource({"vicuna_v1.1, vicuna.jsonl", "vicuna_v1.1_newlines, vicuna_newlines.jsonl"})
    void textsIdsAndLabelsAreTheReferences(String name, String file) throws Exception {
        for (Path folder : Oracles.folders("sft/template").toList()) {
            compare(name, folder.resolve(file));
        }
    }

    private static void compare(String name, Path golden) throws IOException {
        Template template = Template.named(name, GPT2);
        for (String line : Files.readString(golden).split("\n")) {
            JsonNode row = new JsonMapper().readTree(line);
            var conversation = (InstructionRow.Conversation) InstructionRow.of(row, "golden row");
            Example example = template.encode(conversation.messages());
            assertThat(example.ids()).containsExactly(ints(row.path("ids")));
            assertThat(example.labels()).containsExactly(ints(row.path("labels")));
            assertThat(GPT2.decode(example.ids())).isEqualTo(row.path("text").stringValue());
            List<Message> asked = conversation.messages().subList(0, 1);
            assertThat(template.promptText(asked)).isEqualTo(row.path("prompt").stringValue());
            assertThat(template.prompt(asked))
                    .hasSize(row.path("prompt_tokens").intValue())
                    .isEqualTo(Arrays.copyOf(
                            example.ids(), row.path("prompt_tokens").intValue()));
        }
    }

    private static int[] ints(JsonNode list) {
        return list.valueStream().mapToInt(JsonNode::intValue).toArray();
    }

    @Test
    void everyAnswerOfAConversationHasALossAndNothingElse() {
        var conversation = List.of(
                new Message(Message.Role.SYSTEM, "Be brief."),
                Message.user("Hi"),
                Message.assistant("Hello."),
                Message.user("Who?"),
                Message.assistant("I."));
        Example example = Template.named("vicuna_v1.1", GPT2).encode(conversation);
        assertThat(GPT2.decode(example.ids()))
                .isEqualTo("Be brief. USER: Hi ASSISTANT: Hello.<|endoftext|>USER: Who? ASSISTANT: I.<|endoftext|>");
        int[] learned = Arrays.stream(example.labels()).filter(l -> l >= 0).toArray();
        assertThat(GPT2.decode(learned)).isEqualTo(" Hello.<|endoftext|> I.<|endoftext|>");
        assertThat(example.targets()).isEqualTo(learned.length);
    }

    @Test
    void aPromptOfALaterTurnIsWhatTrainingSawBeforeItsAnswer() {
        var asked = List.of(Message.user("Hi"), Message.assistant("Hello."), Message.user("Who?"));
        Template template = Template.named("vicuna_v1.1_newlines", GPT2);
        var answered = new java.util.ArrayList<>(asked);
        answered.add(Message.assistant("I."));
        int[] whole = template.encode(answered).ids();
        int[] prompt = template.prompt(asked);
        assertThat(Arrays.copyOf(whole, prompt.length)).isEqualTo(prompt);
        assertThat(GPT2.decode(prompt)).isEqualTo(template.promptText(asked)).endsWith("Who?\n\nASSISTANT:");
    }

    @Test
    void anEndTokensLiteralInAMessageIsOrdinaryText() {
        Example example = Template.named("vicuna_v1.1", GPT2)
                .encode(List.of(Message.user("<|endoftext|>"), Message.assistant("<|endoftext|>")));
        assertThat(Arrays.stream(example.ids()).filter(id -> id == END)).hasSize(1);
        assertThat(example.ids()[example.length() - 1]).isEqualTo(END);
    }
}
