package dev.cria.tune;

import dev.cria.RequestException;
import dev.cria.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How a conversation becomes the text that a model reads. */
public sealed interface Template permits Vicuna, ChatTemplate {
    /** The way out of a template that is missing or cannot be used. */
    String ANOTHER = "take another template: chat --template vicuna_v1.1, tune --set data.template=vicuna_v1.1";

    /**
     * Ids and labels of a conversation that ends with an answer; only the answers and their ends have labels.
     *
     * @param variables what a chat template is given beside the messages, such as tools
     */
    Example encode(List<Message> conversation, Map<String, Object> variables);

    /** The same with the messages alone. */
    default Example encode(List<Message> conversation) {
        return encode(conversation, Map.of());
    }

    /** The ids up to where the next answer begins. */
    int[] prompt(List<Message> conversation);

    /** The text up to where the next answer begins. */
    String promptText(List<Message> conversation);

    /**
     * The name of the template to ask a model with where none is given: the one that its adapter was tuned with, else
     * its own if it carries one, else Vicuna's.
     */
    static String nameFor(Optional<Path> adapter, Tokenizer tokenizer) {
        return adapter.flatMap(TuningRecipe::besideAdapter)
                .map(recipe -> recipe.data().template())
                .orElseGet(() -> ChatTemplate.isIn(tokenizer) ? "chat_template" : "vicuna_v1.1");
    }

    /**
     * The template of a name.
     *
     * @param name {@code vicuna_v1.1}, {@code vicuna_v1.1_newlines}, or {@code chat_template}: the model's own; where it
     *     has several, {@code chat_template:NAME}
     */
    static Template named(String name, Tokenizer tokenizer) {
        return switch (name) {
            case "vicuna_v1.1" -> new Vicuna(" ", tokenizer);
            case "vicuna_v1.1_newlines" -> new Vicuna("\n\n", tokenizer);
            case "chat_template" -> ChatTemplate.of(TemplateFile.DEFAULT, tokenizer);
            default -> {
                if (name.startsWith("chat_template:")) {
                    yield ChatTemplate.of(name.substring(name.indexOf(':') + 1), tokenizer);
                }
                throw new RequestException(
                        "data.template is " + name + ", not vicuna_v1.1, vicuna_v1.1_newlines or chat_template",
                        ANOTHER);
            }
        };
    }
}
