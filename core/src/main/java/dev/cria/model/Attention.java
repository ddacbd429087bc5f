package dev.cria.model;

import dev.cria.nn.Tape;
import dev.cria.nn.Value;
import dev.cria.tensor.AttentionShape;
import dev.cria.tensor.Tensor;

/** How a layer's queries find their keys. */
public sealed interface Attention permits Attention.WholeRows, Attention.SharedBeginnings, KvCache {

    /** The attended values [batch·seq, heads·headDim] of one layer. */
    Value attend(Tape tape, int layer, Heads heads, Tokens tokens, Value q, Value k, Value v);

    /** Each row attends to itself alone: training, and scoring of whole texts. */
    static Attention wholeRows() {
        return new WholeRows();
    }

    /** The numbers of heads of a model. */
    record Heads(int heads, int kvHeads, int headDim) {
        /** Columns of the queries. */
        public long width() {
            return (long) heads * headDim;
        }

        /** Columns of the keys, and of the values. */
        public long kvWidth() {
            return (long) kvHeads * headDim;
        }
    }

    /** Each row attends to itself alone. */
    record WholeRows() implements Attention {
        @Override
        public Value attend(Tape tape, int layer, Heads heads, Tokens tokens, Value q, Value k, Value v) {
            int seq = tokens.seq();
            var shape = new AttentionShape(tokens.batch(), seq, seq, heads.heads(), heads.kvHeads(), heads.headDim());
            return tape.causalAttention(shape, q, k, v, tokens.starts());
        }
    }

    /**
     * Rows that may begin alike, over a list of tokens in which each different beginning stands once: a token attends
     * to what stands before it in its rows, whichever of them.
     *
     * @param rows how many, of {@code width} places each
     * @param members [rows·width] int64, the token at each place; any token after a row's end
     * @param places [tokens] int64, one of the places of each token
     */
    record SharedBeginnings(int rows, int width, Tensor members, Tensor places) implements Attention {
        @Override
        public Value attend(Tape tape, int layer, Heads heads, Tokens tokens, Value q, Value k, Value v) {
            var shape = new AttentionShape(rows, width, width, heads.heads(), heads.kvHeads(), heads.headDim());
            return tape.gatheredAttention(shape, q, k, v, members, places);
        }
    }
}
