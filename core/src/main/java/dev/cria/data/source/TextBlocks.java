package dev.cria.data.source;

import dev.cria.WorkException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import org.apache.parquet.io.InputFile;

/** A text file, compressed or not, as one document; an empty one as none. */
final class TextBlocks implements Blocks {
    private static final int FIRST_BUFFER = 1 << 16;

    private final Iterator<Block> one;

    TextBlocks(InputFile file, String name, Reading reading) throws IOException {
        this.one = List.of(new Block(file.getLength(), rows -> read(file, name, reading, rows)))
                .iterator();
    }

    private static void read(InputFile file, String name, Reading reading, Consumer<Row> rows) {
        try (Content content = Content.open(file, name)) {
            read(content, reading, rows);
        } catch (IOException e) {
            rows.accept(new Row.Unreadable(name, -1, DocumentFile.cannotRead(name, e)));
        } catch (WorkException e) {
            rows.accept(new Row.Unreadable(name, -1, e));
        }
    }

    private static void read(Content content, Reading reading, Consumer<Row> rows) {
        String name = content.name();
        Optional<Row> document;
        try {
            byte[] bytes = new byte[FIRST_BUFFER];
            int filled = 0;
            for (int read = 0; read >= 0; read = content.read(bytes, filled, bytes.length - filled)) {
                filled += read;
                if (filled > reading.maxDocumentBytes()) {
                    rows.accept(new Row.Unreadable(name, 0, tooLong(content, reading, filled)));
                    return;
                }
                if (filled == bytes.length) {
                    bytes = Arrays.copyOf(
                            bytes, (int) Math.min(filled * 2L, Math.max(reading.maxDocumentBytes() + 1, filled + 1L)));
                }
            }
            document = document(name, bytes, filled);
        } catch (IOException e) {
            document = Optional.of(new Row.Unreadable(name, -1, content.damage(e, 0)));
        }
        document.ifPresent(rows);
    }

    /** Reads on to tell how long the text is. */
    private static WorkException tooLong(Content content, Reading reading, long before) throws IOException {
        byte[] ignored = new byte[FIRST_BUFFER];
        long bytes = before;
        for (int read = 0; read >= 0; read = content.read(ignored, 0, ignored.length)) {
            bytes += read;
        }
        return reading.tooLong(content.name() + ", which is one text,", bytes);
    }

    private static Optional<Row> document(String name, byte[] bytes, int length) {
        if (length == 0) {
            return Optional.empty();
        }
        Optional<String> binary = Binary.what(bytes, length);
        if (binary.isPresent()) {
            return Optional.of(new Row.Unreadable(name, 0, DocumentFile.notText(name, binary.get())));
        }
        Utf8Text text = Utf8Text.decode(bytes, 0, length);
        return Optional.of(new Row.Document(
                name, 0, Optional.empty(), text.text(), text.encoding(), Optional.empty(), OptionalDouble.empty()));
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
    public void close() {
        // The block opens and closes the file itself.
    }
}
