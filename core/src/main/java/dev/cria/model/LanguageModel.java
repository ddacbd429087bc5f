package dev.cria.model;

import dev.cria.nn.Parameters;
import dev.cria.nn.Projection;
import dev.cria.nn.Tape;
import dev.cria.nn.Value;
import dev.cria.tensor.Device;

/** A decoder-only transformer: token ids in, a hidden state for each position out, and a head that scores the next. */
public sealed interface LanguageModel extends AutoCloseable permits Llama, Gpt2 {

    ModelConfig config();

    /** What it computes with, and owns. */
    Weights weights();

    /** The weights that are not quantized. */
    default Parameters parameters() {
        return weights().parameters();
    }

    default Device device() {
        return weights().device();
    }

    /**
     * The final hidden states [batch·seq, hidden], normed, on the tape.
     *
     * @param attention sees each layer's queries, keys and values: whole rows, or with a cache of earlier ones
     */
    Value hidden(Tape tape, Tokens tokens, Attention attention);

    /**
     * The matrix [vocab, hidden] that turns hidden states into logits.
     *
     * @throws IllegalStateException where it is quantized, for decoding alone
     */
    default Projection.Dense head() {
        if (output() instanceof Projection.Dense dense) {
            return dense;
        }
        throw new IllegalStateException("the head is quantized, for decoding alone");
    }

    /** The head as a layer, whichever way it is kept. */
    Projection output();

    @Override
    void close();
}
