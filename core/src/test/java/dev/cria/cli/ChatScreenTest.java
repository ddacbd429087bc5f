package dev.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.generate.GenerateOptions;
import dev.cria.generate.Generator;
import dev.cria.generate.Sampling;
import dev.cria.model.LanguageModel;
import dev.cria.model.RopeScaling;
import dev.cria.model.SmallDirectories;
import dev.cria.nn.Parameters.Storage;
import dev.cria.tensor.DType;
import dev.cria.tensor.Device;
import dev.cria.tensor.Kernels;
import dev.cria.tune.Conversation;
import dev.cria.tune.Message;
import dev.cria.tune.Template;
import dev.cria.weights.Models;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.DumbTerminal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is typed and what is shown, on a terminal that can do nothing but take characters. */
final class ChatScreenTest {
    private final LanguageModel model = Models.create(
            SmallDirectories.llama(new RopeScaling.None(), false), Device.CPU, Storage.inference(DType.FLOAT32), 3);
    private final Conversation conversation = new Conversation(
            new Generator(model, Kernels.of(Device.CPU, Kernels.Choice.AUTO)),
            SmallDirectories.TOKENIZER,
            Template.named("vicuna_v1.1", SmallDirectories.TOKENIZER),
            256);

    @TempDir
    Path folder;

    @AfterEach
    void closeModel() {
        model.close();
    }

    /** What stands on the screen after these lines were typed. */
    private String screen(String... lines) throws IOException {
        var in = new ByteArrayInputStream((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
        var out = new ByteArrayOutputStream();
        var options = new GenerateOptions(6, new Sampling(1, 0, 1), 7, 1, SmallDirectories.TOKENS - 1, Set.of());
        try (Terminal terminal = new DumbTerminal("test", Terminal.TYPE_DUMB, in, out, StandardCharsets.UTF_8)) {
            new ChatScreen(terminal, conversation, options).converse("a model");
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void asksAndSavesWhatWasSaid() throws IOException {
        Path file = folder.resolve("talk.json");
        String screen =
                screen("/system Be brief.", "Is it 1 < 2!? \\o/ 'yes", "", "/save " + file, "/exit", "never read");

        assertThat(screen)
                .startsWith("a model")
                .contains("with this system prompt")
                .containsPattern("model> .*\\R\\(6 tokens, \\d+ a second, stopped at --max-new-tokens\\)")
                .contains("written to " + file)
                .doesNotContain("never read");
        JsonNode saved = new JsonMapper().readTree(Files.readString(file)).path("messages");
        assertThat(saved.path(0).path("content").asString()).isEqualTo("Be brief.");
        assertThat(saved.path(1).path("content").asString()).isEqualTo("Is it 1 < 2!? \\o/ 'yes");
        assertThat(saved.path(2).path("role").asString()).isEqualTo("assistant");
    }

    @Test
    void resetForgetsAndTheEndOfTheInputLeaves() throws IOException {
        assertThat(screen("Hi", "/reset", "Ho")).contains("the conversation starts over");
        assertThat(conversation.messages()).hasSize(2).contains(Message.user("Ho"));
    }

    @Test
    void aRefusalCarriesNoTerminalCodes() throws IOException {
        assertThat(screen("/n\u009b31mope")).contains("error: unknown command /n 31mope");
    }

    @Test
    void wrongCommandsAreTold() throws IOException {
        assertThat(screen("/nope", "/save", "/system", "lazy ".repeat(300)))
                .contains("error: unknown command /nope")
                .contains("error: /save needs a file name")
                .contains("error: /system needs a system prompt")
                .contains("and the model has 256 positions for question and answer")
                .doesNotContain("model> ");
    }
}
