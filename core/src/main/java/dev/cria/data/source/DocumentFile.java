package dev.cria.data.source;

import dev.cria.WorkException;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import org.apache.parquet.io.InputFile;

/**
 * Opens a file of documents wherever it lies: on this machine, or on any file system that can be read through Parquet's
 * {@link InputFile}, which has one for Hadoop's.
 */
public final class DocumentFile {
    private DocumentFile() {}

    /** Whether a name tells that the file holds documents; hidden files and those of unknown endings do not. */
    public static boolean isNamedSo(String fileName) {
        return !fileName.startsWith(".") && InputFormat.of(fileName).isPresent();
    }

    /** Whether the blocks of a file of that name can be stepped over without reading them. */
    public static boolean hasCheapBlocks(String fileName) {
        return InputFormat.of(fileName).filter(f -> f == InputFormat.PARQUET).isPresent();
    }

    /**
     * The file's blocks in order. A file that cannot be opened is one unreadable row.
     *
     * @param name tells the format and the compression, and stands in rows and refusals
     * @param textField the column or key that holds the text
     */
    public static Blocks open(String name, InputFile content, String textField) {
        try {
            return switch (InputFormat.of(name).orElse(InputFormat.TEXT)) {
                case PARQUET -> ParquetBlocks.open(content, name, textField);
                case JSON_LINES -> JsonLineBlocks.open(content, name, new JsonRows(name, textField));
                case TEXT -> new TextBlocks(content, name);
            };
        } catch (IOException e) {
            return new Broken(name, cannotRead(name, e));
        } catch (RuntimeException e) {
            return new Broken(name, e);
        }
    }

    static WorkException cannotRead(String name, IOException e) {
        String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new WorkException(
                "cannot read " + name + ": " + reason, "fetch the file again, or go on without it: --skip-bad", e);
    }

    /** Stands for a file that could not be opened. */
    private static final class Broken implements Blocks {
        private final Iterator<Block> one;

        Broken(String name, RuntimeException refusal) {
            Row row = new Row.Unreadable(name, -1, refusal);
            this.one = List.of(new Block(0, rows -> rows.accept(row))).iterator();
        }

        @Override
        public boolean hasNext() {
            return one.hasNext();
        }

        @Override
        public Block next() {
            return one.next();
        }

        @Override
        public void close() {}
    }
}
