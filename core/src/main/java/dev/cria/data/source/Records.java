package dev.cria.data.source;

import com.jerolba.carpet.CarpetReader;
import dev.cria.WorkException;
import dev.cria.data.source.Row.Encoding;
import dev.cria.format.AtomicFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Whole rows of a file, as trees, for whoever needs more of them than a text: benchmarks and instruction data. Read as
 * {@code prepare} reads them, compressed or not, except that nothing is repaired: what is not sound is refused.
 */
public final class Records {
    /**
     * A row.
     *
     * @param place the line on which it begins, or of Parquet the row, from 1
     * @param node an object
     */
    public record Found(long place, JsonNode node) {}

    private Records() {}

    /** Whether a file of that name may hold rows. */
    public static boolean isNamedSo(String fileName) {
        return InputFormat.of(fileName)
                .filter(format -> format != InputFormat.TEXT)
                .isPresent();
    }

    /** A name without the endings that tell format and compression. */
    public static String stem(String fileName) {
        String name = Compression.named(fileName).strip(fileName);
        return InputFormat.of(fileName).isEmpty() ? name : name.substring(0, name.lastIndexOf('.'));
    }

    /**
     * Hands over the first rows.
     *
     * @param limit how many at most
     * @throws WorkException naming file and line, if something is not a JSON object, or the file is damaged
     */
    public static void read(Path file, long limit, Consumer<Found> rows) {
        boolean parquet = InputFormat.of(file.getFileName().toString())
                .filter(format -> format == InputFormat.PARQUET)
                .isPresent();
        if (parquet) {
            parquet(file, limit, rows);
        } else {
            json(file, limit, rows);
        }
    }

    private static void json(Path file, long limit, Consumer<Found> rows) {
        Reading reading = Reading.of("");
        try (JsonCuts cuts = JsonCuts.open(new LocalFile(file), file.toString(), reading.maxDocumentBytes())) {
            refuseBinary(cuts.content());
            FirstRows first = new FirstRows(file, reading, limit, rows);
            while (first.left > 0 && cuts.hasNext()) {
                cuts.next().values().accept(first);
            }
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(file, e);
        }
    }

    private static void refuseBinary(Content content) {
        byte[] head = content.head();
        Optional<String> binary = Binary.what(head, head.length).filter(what -> !what.contains("not UTF-8"));
        if (binary.isPresent()) {
            throw DocumentFile.notText(content.name(), binary.get());
        }
    }

    private static final class FirstRows implements JsonCuts.Sink {
        private final Path file;
        private final Reading reading;
        private final Consumer<Found> rows;
        private long left;

        FirstRows(Path file, Reading reading, long limit, Consumer<Found> rows) {
            this.file = file;
            this.reading = reading;
            this.left = limit;
            this.rows = rows;
        }

        @Override
        public void value(byte[] bytes, int offset, int length, long row, long line) {
            if (left > 0) {
                left--;
                rows.accept(new Found(line, parse(Utf8Text.decode(bytes, offset, length), line)));
            }
        }

        private JsonNode parse(Utf8Text json, long line) {
            if (json.encoding() == Encoding.REPAIRED) {
                throw notSound(file, line, "not UTF-8");
            }
            try {
                JsonNode node = LenientJson.MAPPER.readTree(json.withoutMark());
                if (node.isObject()) {
                    return node;
                }
            } catch (JacksonException e) {
                throw notSound(file, line, "not JSON: " + LenientJson.complaint(e));
            }
            throw notSound(file, line, "not a JSON object");
        }

        @Override
        public void tooLong(long row, long line, long bytes) {
            if (left > 0) {
                throw notSound(file, line, "longer than " + reading.maxDocumentBytes() + " bytes");
            }
        }

        @Override
        public void lost(WorkException why) {
            if (left > 0) {
                throw why;
            }
        }
    }

    private static WorkException notSound(Path file, long line, String what) {
        return new WorkException(
                "%s line %d is %s".formatted(file, line, what),
                "give a JSON object on each line, or one JSON array of objects, in UTF-8");
    }

    private static void parquet(Path file, long limit, Consumer<Found> rows) {
        try {
            // Opened first by the reader of documents, which tells best what is wrong with a file.
            ParquetBlocks.refuseOther(new LocalFile(file), file.toString());
        } catch (IOException e) {
            throw AtomicFiles.cannotRead(file, e);
        }
        long row = 0;
        try (Stream<?> records = open(file)) {
            Iterator<?> all = records.iterator();
            while (row < limit) {
                Optional<JsonNode> node = next(file, ++row, all);
                if (node.isEmpty()) {
                    return;
                }
                rows.accept(new Found(row, node.get()));
            }
        }
    }

    /** Rows nest lists and records; as maps they are what the lines of JSON are. */
    @SuppressWarnings("rawtypes")
    private static Stream<Map> open(Path file) {
        try {
            return new CarpetReader<>(file.toFile(), Map.class).stream();
        } catch (RuntimeException e) {
            throw damaged(file, "its footer cannot be read", e);
        }
    }

    private static Optional<JsonNode> next(Path file, long row, Iterator<?> all) {
        try {
            return all.hasNext() ? Optional.of(LenientJson.MAPPER.valueToTree(all.next())) : Optional.empty();
        } catch (RuntimeException e) {
            throw damaged(file, "row " + row + " cannot be read", e);
        }
    }

    private static WorkException damaged(Path file, String what, RuntimeException e) {
        return ParquetBlocks.damaged(file.toString(), what, e);
    }
}
