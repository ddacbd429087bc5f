package dev.cria.data.source;

import dev.cria.WorkException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.parquet.io.InputFile;

/**
 * Opens a file of documents wherever it lies: on this machine, or on any file system that can be read through Parquet's
 * {@link InputFile}, which has one for Hadoop's.
 */
public final class DocumentFile {
    private static final String PARQUET_MAGIC = "PAR1";

    private DocumentFile() {}

    /** Whether the blocks of a file of that name can be stepped over without reading them. */
    public static boolean hasCheapBlocks(String fileName) {
        return InputFormat.of(fileName).filter(f -> f == InputFormat.PARQUET).isPresent();
    }

    /**
     * The file's blocks in order. A file that cannot be opened is one unreadable row.
     *
     * @param name tells the format where the content does not, and stands in rows and refusals
     */
    public static Blocks open(String name, InputFile file, Reading reading) {
        try {
            return switch (InputFormat.of(name).orElse(null)) {
                case PARQUET -> ParquetBlocks.open(file, name, reading);
                case TEXT -> new TextBlocks(file, name, reading);
                case JSON -> json(Content.open(file, name), name, reading);
                case null -> byContent(file, name, reading);
            };
        } catch (IOException e) {
            return new Broken(name, cannotRead(name, e));
        } catch (RuntimeException e) {
            return new Broken(name, e);
        }
    }

    private static Blocks json(Content content, String name, Reading reading) {
        byte[] head = content.head();
        Optional<String> binary = Binary.what(head, head.length);
        if (binary.isPresent()) {
            content.close();
            throw notText(name, binary.get());
        }
        return new JsonBlocks(
                JsonCuts.of(content, reading.maxDocumentBytes()), new JsonRows(name, content.compression(), reading));
    }

    /** The name says nothing: lines of objects are JSON, and all else is one text. */
    private static Blocks byContent(InputFile file, String name, Reading reading) throws IOException {
        Content content = Content.open(file, name);
        String head = new String(content.head(), StandardCharsets.ISO_8859_1);
        if (content.compression() == Compression.NONE && head.startsWith(PARQUET_MAGIC)) {
            content.close();
            return ParquetBlocks.open(file, name, reading);
        }
        if (head.startsWith("{\"") || head.startsWith("[{\"")) {
            return json(content, name, reading);
        }
        content.close();
        return new TextBlocks(file, name, reading);
    }

    static WorkException notText(String name, String what) {
        return new WorkException(
                "%s is not text but %s".formatted(name, what),
                "name a file of text, JSON or Parquet, or continue without this one: --skip-bad");
    }

    static WorkException cannotRead(String name, IOException e) {
        String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new WorkException(
                "cannot read " + name + ": " + reason,
                "is the disk sound? or continue without the file: --skip-bad",
                e);
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
