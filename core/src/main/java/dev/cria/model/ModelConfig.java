package dev.cria.model;

import dev.cria.model.Attention.Heads;
import dev.cria.nn.ParameterSpec;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** The sizes and constants of a model, with Hugging Face's names, and what follows from them. */
public sealed interface ModelConfig permits LlamaConfig, Gpt2Config {

    int vocabSize();

    int hiddenSize();

    int layers();

    Heads heads();

    /** Tokens that a row may have. */
    int positions();

    boolean tieWordEmbeddings();

    /** The id that ends a text, where the configuration names one. */
    OptionalInt endOfText();

    /** Every weight, in the order of the files. */
    List<ParameterSpec> parameterSpecs();

    /** The keys of {@code config.json}. */
    Map<String, Object> toHuggingFace();

    /** The same model with another vocabulary. */
    ModelConfig withVocabSize(int size);

    /** All weights. */
    default long parameterCount() {
        return parameterSpecs().stream().mapToLong(ParameterSpec::elements).sum();
    }

    /** Weights in matrix products: all matrices and the head, but not the tables that are only looked up. */
    long matrixParameterCount();

    /**
     * Floating-point operations of a training step, forward and backward, for each token: 6 for each weight in a
     * matrix product, and 12·layers·hidden·seq for the attention.
     *
     * @see "Chowdhery et al. 2022, PaLM, appendix B"
     */
    default double flopsPerToken(int seq) {
        return 6.0 * matrixParameterCount() + 12.0 * layers() * heads().width() * seq;
    }

    /** A new model from {@code config.json}'s keys. */
    static ModelConfig ofHuggingFace(HuggingFaceKeys keys) {
        return switch (keys.text("model_type").orElse("llama")) {
            case "llama" -> LlamaConfig.of(keys);
            case "gpt2" -> Gpt2Config.of(keys);
            case String other -> throw keys.refuse("model_type", "is " + other + ", which is neither llama nor gpt2");
        };
    }
}
