package dev.cria.spark;

import dev.cria.data.source.Block;
import dev.cria.data.source.Blocks;
import dev.cria.data.source.Reading;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;

/** The blocks of a portion in order. The file being read is closed with the task, however that ends. */
final class PortionBlocks implements Iterator<Block> {
    private final Iterator<Piece> pieces;
    private final Reading reading;
    private final Configuration hadoop;
    private @Nullable Blocks open;
    private int left;

    PortionBlocks(Portion portion, Reading reading, Configuration hadoop) {
        this.pieces = portion.pieces().iterator();
        this.reading = reading;
        this.hadoop = hadoop;
        TaskContext.get().addTaskCompletionListener((TaskCompletionListener) _ -> close());
    }

    @Override
    public boolean hasNext() {
        while (open == null || left == 0 || !open.hasNext()) {
            close();
            if (!pieces.hasNext()) {
                return false;
            }
            begin(pieces.next());
        }
        return true;
    }

    private void begin(Piece piece) {
        Blocks blocks = Input.open(piece.path(), piece.name(), reading, hadoop);
        for (int i = 0; i < piece.firstBlock(); i++) {
            blocks.next();
        }
        open = blocks;
        left = piece.blocks();
    }

    @Override
    public Block next() {
        if (!hasNext() || open == null) {
            throw new NoSuchElementException();
        }
        left--;
        return open.next();
    }

    private void close() {
        if (open != null) {
            open.close();
            open = null;
        }
    }
}
