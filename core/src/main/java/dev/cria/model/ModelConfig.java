package dev.cria.model;

import dev.cria.model.Attention.Heads;
import dev.cria.nn.ParameterSpec;
import dev.cria.nn.ParameterSpec.Part;
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

    /** The architecture for readers: LLaMA, GPT-2. */
    String title();

    /** The model of this configuration over its weights, which it takes over. */
    LanguageModel over(Weights weights);

    /** Every weight, in the order of the files. */
    List<ParameterSpec> parameterSpecs();

    /** Whether a part is a table whose rows are looked up, not a matrix that is multiplied by. */
    boolean isTable(Part part);

    /** Whether a part has a row for each id: the token embedding, and the head. */
    boolean isVocabulary(Part part);

    /** Whether the files hold a matrix as [in, out]. */
    default boolean isStoredTransposed(Part part) {
        return false;
    }

    /** What a layer keeps of the forward for each row. */
    LayerActivations layerActivations();

    /** The same model with other numbers of layers and positions, as the keys of a {@code model:} section. */
    Map<String, Object> depth(int layers, int positions);

    /** How llama.cpp knows the model. */
    Gguf gguf();

    /** The keys of {@code config.json}. */
    Map<String, Object> toHuggingFace();

    /** The same model with another vocabulary. */
    ModelConfig withVocabSize(int size);

    /** The same model with another id, or none, that ends one text and begins the next. */
    ModelConfig withEndOfText(OptionalInt id);

    /** The same model with a head that is not its token embedding. */
    ModelConfig untied();

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
        String type = keys.text("model_type").orElse("llama");
        return type.equals("gpt2")
                ? Gpt2Config.of(keys)
                : LlamaVariant.Family.called(type)
                        .map(family -> LlamaConfig.of(keys, family))
                        .orElseThrow(() -> keys.refuse(
                                "model_type",
                                "is " + type + ", none of gpt2, " + String.join(", ", LlamaVariant.Family.names())));
    }
}
