package dev.cria.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cria.RequestException;
import dev.cria.generate.Completion;
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
import dev.cria.tune.Message.Role;
import dev.cria.weights.Models;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConversationTest {
    private static final GenerateOptions OPTIONS =
            new GenerateOptions(8, new Sampling(1, 0, 1), 7, 1, SmallDirectories.TOKENS - 1, Set.of());

    private final LanguageModel model = Models.create(
            SmallDirectories.llama(new RopeScaling.None(), false), Device.CPU, Storage.inference(DType.FLOAT32), 3);
    private final Generator generator = new Generator(model, Kernels.of(Device.CPU, Kernels.Choice.AUTO));

    @TempDir
    Path folder;

    @AfterEach
    void closeModel() {
        model.close();
    }

    private Conversation conversation() {
        var template = Template.named("vicuna_v1.1", SmallDirectories.TOKENIZER);
        return new Conversation(generator, SmallDirectories.TOKENIZER, template, 256);
    }

    @Test
    void piecesTogetherAreTheAnswerAndItIsRemembered() {
        Conversation talk = conversation();
        StringBuilder shown = new StringBuilder();
        String answer = talk.ask("Hi", OPTIONS, shown::append, () -> false).text();
        assertThat(shown.toString().strip()).isEqualTo(answer);
        assertThat(talk.messages()).containsExactly(Message.user("Hi"), Message.assistant(answer));
    }

    @Test
    void anAnswerStopsWhenAsked() {
        List<String> pieces = new ArrayList<>();
        var answer = conversation().ask("Hi", OPTIONS, pieces::add, () -> pieces.size() >= 3);
        assertThat(pieces).hasSize(4);
        assertThat(answer.stop()).isEqualTo(Completion.Stop.CANCELLED);
        assertThat(answer.tokens()).isEqualTo(3);
    }

    @Test
    void oldestTurnsAreForgottenWhenTheyDoNotFitButNotTheSystem() {
        Conversation talk = conversation();
        talk.system("Be brief.");
        int forgotten = 0;
        for (int i = 0; i < 4; i++) {
            String question = "A long question with the number " + i + ", which is " + "lazy ".repeat(20);
            forgotten += talk.ask(question, OPTIONS, _ -> {}, () -> false).forgotten();
        }
        List<Message> kept = talk.messages();
        assertThat(kept.getFirst()).isEqualTo(new Message(Role.SYSTEM, "Be brief."));
        assertThat(kept.get(1).role()).isEqualTo(Role.USER);
        assertThat(kept.get(kept.size() - 2))
                .satisfies(message -> assertThat(message.content()).startsWith("A long question with the number 3"));
        assertThat(forgotten).isPositive();
        assertThat(kept).hasSize(1 + 2 * (4 - forgotten));
    }

    @Test
    void aQuestionThatNeverFitsIsRefusedAndForgotten() {
        Conversation talk = conversation();
        assertThatThrownBy(() -> talk.ask("long ".repeat(200), OPTIONS, _ -> {}, () -> false))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("the model has 256 positions");
        assertThat(talk.messages()).isEmpty();
    }

    @Test
    void aSavedConversationIsARowThatTuningReads() {
        Conversation talk = conversation();
        talk.ask("Hi", OPTIONS, _ -> {}, () -> false);
        Path file = folder.resolve("talk.json");
        talk.save(file);
        assertThat(InstructionFiles.read(List.of(file)).getFirst())
                .containsExactly(new InstructionRow.Conversation(talk.messages(), Map.of(), false, file + " row 1"));
    }

    @Test
    void comparisonShowsLengthsAndHowTheEndOfThePromptMatters() {
        var template = Template.named("vicuna_v1.1", SmallDirectories.TOKENIZER);
        var asked = new Asked("m", generator, SmallDirectories.TOKENIZER, template, OPTIONS);
        Comparison comparison = Comparison.of(asked, asked, List.of("Who?", "What | why?"));
        assertThat(comparison.answers()).hasSize(2).allSatisfy(row -> assertThat(row.before())
                .isEqualTo(row.after()));
        assertThat(comparison.meanTokensBefore()).isEqualTo(8);
        List<PromptSensitivity.Variant> variants = comparison.beforeVariants();
        assertThat(variants)
                .extracting(PromptSensitivity.Variant::ending)
                .containsExactly("ASSISTANT:", "ASSISTANT: ", "ASSISTANT:\n", "ASSISTANT:  ");
        assertThat(variants.getFirst().jensenShannon()).isZero();
        assertThat(variants.get(1).jensenShannon()).isBetween(1e-6, Math.log(2));
        assertThat(variants.get(1).lastIds()).isNotEqualTo(variants.getFirst().lastIds());
        assertThat(comparison.toMarkdown()).contains("| What \\| why? |").contains("`ASSISTANT:\\n`");
    }
}
