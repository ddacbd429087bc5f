package dev.cria.model;

import dev.cria.nn.Tape;
import dev.cria.nn.Value;
import dev.cria.tensor.AttentionShape;
import dev.cria.tensor.Tensor;

/** Where a layer's keys and values come from: the same rows, rows that share prefixes, or a cache. */
public sealed interface Attention permits Attention.WholeRows, Attention.SharedPrefixes, CachedSequences, KvCache {

    /** The attended values [batch·seq, heads·headDim] of one layer. */
    Value attend(Tape tape, Layer layer, Tokens tokens, Value q, Value k, Value v);

    /** Each row attends to itself alone: training, and scoring of whole texts. */
    static Attention wholeRows() {
        return new WholeRows();
    }

    /**
     * What a layer's attention is like.
     *
     * @param index from 0
     * @param window positions that a token sees, the last ones, itself included; {@code UNBOUNDED} for all
     */
    record Layer(int index, Heads heads, int window) {
        static final int UNBOUNDED = Integer.MAX_VALUE;
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

        AttentionShape shape(int batch, int queries, int keys) {
            return new AttentionShape(batch, queries, keys, heads, kvHeads, headDim);
        }
    }

    /** Each row attends to itself alone. */
    record WholeRows() implements Attention {
        @Override
        public Value attend(Tape tape, Layer layer, Tokens tokens, Value q, Value k, Value v) {
            AttentionShape shape = layer.heads().shape(tokens.batch(), tokens.seq(), tokens.seq());
            return tape.causalAttention(shape, layer.window(), q, k, v, tokens.starts());
        }
    }

    /**
     * Rows that share prefixes; each distinct prefix token is stored once, in a list of tokens, and attends to what is
     * before it in any of its rows.
     *
     * @param rows how many, of {@code width} places each
     * @param tokenAt [rows·width] int64, the token at each place; any token after a row's end
     * @param placeOf [tokens] int64, one of the places of each token
     */
    record SharedPrefixes(int rows, int width, Tensor tokenAt, Tensor placeOf) implements Attention {
        @Override
        public Value attend(Tape tape, Layer layer, Tokens tokens, Value q, Value k, Value v) {
            AttentionShape shape = layer.heads().shape(rows, width, width);
            return tape.gatheredAttention(shape, layer.window(), q, k, v, tokenAt, placeOf);
        }
    }
}
