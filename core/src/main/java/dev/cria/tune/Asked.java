package dev.cria.tune;

import dev.cria.generate.Completion;
import dev.cria.generate.GenerateOptions;
import dev.cria.generate.Generator;
import dev.cria.tokenizer.Tokenizer;
import java.util.List;

/**
 * A model that questions are put to.
 *
 * @param name as tables show it
 * @param options how its answers are decoded
 */
public record Asked(String name, Generator generator, Tokenizer tokenizer, Template template, GenerateOptions options) {

    /** The answer to a question put through the template, as text. */
    public String answerText(String question) {
        return text(answer(question));
    }

    /** The answer to a question put through the template. */
    Completion answer(String question) {
        return complete(template.prompt(List.of(Message.user(question))));
    }

    Completion complete(int[] prompt) {
        return generator.generate(prompt, options).getFirst();
    }

    String text(Completion completion) {
        return tokenizer.decode(completion.ids());
    }

    double[] nextToken(int[] prompt) {
        return generator.nextToken(prompt, options.vocabulary());
    }
}
