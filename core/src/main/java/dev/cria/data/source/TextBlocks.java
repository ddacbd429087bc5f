package dev.cria.data.source;

import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import org.apache.parquet.io.InputFile;

/** A text file, compressed or not, as one document. */
final class TextBlocks implements Blocks {
    private final Iterator<Block> one;

    TextBlocks(InputFile file, String name) throws IOException {
        this.one = List.of(new Block(file.getLength(), rows -> read(file, name, rows)))
                .iterator();
    }

    private static void read(InputFile file, String name, Consumer<Row> rows) {
        try (InputStream in = Compression.of(name).open(file)) {
            byte[] bytes = in.readAllBytes();
            Utf8Text text = Utf8Text.decode(bytes, 0, bytes.length);
            rows.accept(new Row.Document(
                    name, 0, Optional.empty(), text.text(), text.encoding(), Optional.empty(), OptionalDouble.empty()));
        } catch (IOException e) {
            rows.accept(new Row.Unreadable(name, -1, DocumentFile.cannotRead(name, e)));
        }
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
