package dev.cria.api;

import dev.cria.tune.Conversation;
import java.util.function.Consumer;

/**
 * A conversation with a model, which remembers what was said as far as the model's positions reach. For one thread at a
 * time; any number of conversations may be held with one model.
 */
public final class Chat {
    private final Model model;
    private final Conversation conversation;

    Chat(Model model, Conversation conversation) {
        this.model = model;
        this.conversation = conversation;
    }

    /** Begins anew with other words of the system. */
    public void system(String words) {
        conversation.system(words);
    }

    /** Asks, with the likeliest answer of at most 256 tokens. */
    public String ask(String question) {
        var options = GenerationOptions.defaults().maxNewTokens(256).temperature(0);
        return ask(question, options, _ -> {}).text();
    }

    /**
     * Asks, and remembers question and answer.
     *
     * @param options how to answer; the seed is moved on by one for each turn
     * @param stream takes the answer piece by piece, as it is written
     * @throws dev.cria.RequestException if the question is longer than the model's positions
     */
    public Written ask(String question, GenerationOptions options, Consumer<String> stream) {
        return model.using(open -> {
            var asked = open.options(options.maxNewTokens(), options.sampling(), options.seed(), 1);
            var answer = conversation.ask(question, asked, stream, options.cancellation()::isCancelled);
            return Written.of(answer.text(), answer.tokens(), answer.stop());
        });
    }
}
