package dev.cria.tensor.cpu;

import dev.cria.tensor.Matrix;
import dev.cria.tensor.TokenEmbedding;
import java.util.stream.IntStream;

/** {@link TokenEmbedding} and its gradient. */
final class CpuEmbedding {
    private CpuEmbedding() {}

    static void forward(Workers workers, Matrix table, Matrix ids, Matrix out) {
        long bytes = table.width() * table.dtype().bytes();
        var blocks = RowBlocks.of(out.rows(), out.width());
        workers.run(blocks.count(), (block, _) -> {
            for (long row = blocks.first(block); row < blocks.end(block); row++) {
                Lanes.copy(table.at(Lanes.getLong(ids.at(0, row))), out.at(row), bytes);
            }
        });
    }

    /**
     * Rows are sorted by their id, stably; a task adds up the rows of whole ids, so that no two threads meet in one row
     * of the table, and each sum is in the order of the rows.
     */
    static void backward(Workers workers, Matrix dout, Matrix ids, Matrix dtable) {
        int rows = Math.toIntExact(dout.rows());
        // The id above, the row below: one sort of longs orders both.
        long[] order = IntStream.range(0, rows)
                .mapToLong(row -> Lanes.getLong(ids.at(0, row)) << 32 | row)
                .sorted()
                .toArray();
        var blocks = RowBlocks.of(rows, dout.width());
        workers.run(blocks.count(), (block, scratch) -> {
            int end = firstOfId(order, (int) blocks.end(block));
            for (int i = firstOfId(order, (int) blocks.first(block)); i < end; i++) {
                var mark = scratch.mark();
                long id = order[i] >>> 32;
                long width = dout.width();
                long sum = Lanes.widened(dtable.dtype(), dtable.at(id), width, scratch);
                // In one go for all rows of an id, so that a bfloat16 gradient is rounded once.
                boolean more = true;
                while (more) {
                    var inner = scratch.mark();
                    long row = order[i] & 0xFFFFFFFFL;
                    CpuElementwise.add(sum, Lanes.widened(dout.dtype(), dout.at(row), width, scratch), sum, width);
                    scratch.reset(inner);
                    more = i + 1 < end && order[i + 1] >>> 32 == id;
                    i += more ? 1 : 0;
                }
                Lanes.finish(dtable.dtype(), sum, dtable.at(id), width);
                scratch.reset(mark);
            }
        });
    }

    /** The first place, from {@code at} on, where another id begins; a block starts and ends there. */
    private static int firstOfId(long[] order, int at) {
        int place = at;
        while (place > 0 && place < order.length && order[place] >>> 32 == order[place - 1] >>> 32) {
            place++;
        }
        return place;
    }
}
