package dev.cria.tensor;

/** Rows of a table: {@code table [vocab, width], ids [rows] int64, out [rows, width]}. */
public sealed interface TokenEmbedding extends Call {

    @Override
    default Kind kind() {
        return Kind.EMBEDDING;
    }

    private static void requireRows(Tensor table, Tensor ids, Tensor rows) {
        if (table.size(-1) != rows.size(-1) || ids.elements() * rows.size(-1) != rows.elements()) {
            throw new ShapeException(ids + " rows of " + table + " are not " + rows);
        }
    }

    private static Work lookedUp(Tensor table, Tensor rows) {
        return new Work(0, (double) rows.elements() * table.dtype().bytes());
    }

    /** out[i] = table[ids[i]]. */
    record Lookup(Tensor table, Tensor ids, Tensor out) implements TokenEmbedding {
        public Lookup {
            requireRows(table, ids, out);
        }

        @Override
        public Work work() {
            return Work.moving(0, ids, out).plus(lookedUp(table, out));
        }
    }

    /** dtable[ids[i]] += dout[i], in the order of the rows. */
    record Gradient(Tensor dout, Tensor ids, Tensor dtable) implements TokenEmbedding {
        public Gradient {
            requireRows(dtable, ids, dout);
        }

        @Override
        public Work work() {
            return Work.moving(dout.elements(), dout, ids)
                    .plus(lookedUp(dtable, dout).times(2));
        }
    }
}
