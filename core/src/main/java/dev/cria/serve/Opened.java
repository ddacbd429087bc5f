package dev.cria.serve;

import dev.cria.model.LanguageModel;
import dev.cria.tensor.Kernels;
import dev.cria.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * A model that is ready to be asked.
 *
 * @param endTokens those that end a text
 * @param template the one that it is asked with unless a request names another
 */
public record Opened(
        LanguageModel model, Kernels kernels, Optional<Tokenizer> tokenizer, Set<Integer> endTokens, String template) {

    /** Opens models, in the type and on the device that the server was started with. */
    @FunctionalInterface
    public interface Opener {
        Opened open(Path model, Optional<Path> adapter);
    }

    Tokenizer requireTokenizer() {
        return tokenizer.orElseThrow(() ->
                ApiError.wrong("prompt", "The model's directory has no tokenizer.json; give the prompt as token ids."));
    }

    /** Ids from here on are never chosen. */
    int vocabulary() {
        int vocab = model.config().vocabSize();
        return tokenizer.map(t -> Math.min(vocab, t.vocabularySize())).orElse(vocab);
    }
}
