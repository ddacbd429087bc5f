package dev.cria.data.source;

import dev.cria.WorkException;
import java.io.IOException;
import java.util.Iterator;
import java.util.function.Consumer;
import org.apache.parquet.io.InputFile;

/**
 * A file of JSON cut between its values into blocks of a few megabytes. This side only finds where values end; parsing is
 * the workers' part. A file that breaks off gives what came before and then says so.
 */
interface JsonCuts extends Iterator<JsonCuts.Cut>, AutoCloseable {
    int BLOCK_BYTES = 1 << 21;
    /** Most files of a directory with many are small. */
    int FIRST_BYTES = 1 << 16;
    /** A decompressor that fails may take what the same call has read with it, so the calls are short. */
    int LONGEST_READ = 1 << 14;

    /** Takes the values in order. */
    interface Sink {
        /** A value, not parsed yet, and the line it begins on. */
        void value(byte[] bytes, int offset, int length, long row, long line);

        /** A value that has more bytes than a document may have. */
        void tooLong(long row, long line, long bytes);

        /** What follows cannot be read. */
        void lost(WorkException why);
    }

    /**
     * Some neighbouring values.
     *
     * @param bytes of input that they stand for, for the progress
     * @param values hands them over; safe to call on any thread, once
     */
    record Cut(long bytes, Consumer<Sink> values) {

        /** The same, and what is wrong after it. */
        Cut then(WorkException why) {
            return new Cut(bytes, sink -> {
                values.accept(sink);
                sink.lost(why);
            });
        }
    }

    /** Opens a file, compressed or not, of JSON lines or with one array. */
    static JsonCuts open(InputFile file, String name, long maxBytes) throws IOException {
        return of(Content.open(file, name), maxBytes);
    }

    /** Cuts what begins as an array, or as an object spread over lines, by its values, and all else by lines. */
    static JsonCuts of(Content content, long maxBytes) {
        byte[] head = content.head();
        int at = 0;
        while (at < head.length && (head[at] == ' ' || head[at] == '\t' || head[at] == '\r' || head[at] == '\n')) {
            at++;
        }
        if (at < head.length && head[at] == '[') {
            return new JsonValueCuts(content, maxBytes, true);
        }
        return isOpenedAlone(head, at)
                ? new JsonValueCuts(content, maxBytes, false)
                : new JsonLineCuts(content, maxBytes);
    }

    /** Whether the first line is nothing but the bracket that opens an object, as in indented JSON. */
    private static boolean isOpenedAlone(byte[] head, int at) {
        if (at >= head.length || head[at] != '{') {
            return false;
        }
        int next = at + 1;
        while (next < head.length && (head[next] == ' ' || head[next] == '\t' || head[next] == '\r')) {
            next++;
        }
        return next < head.length && head[next] == '\n';
    }

    /** The file that is cut. */
    Content content();

    @Override
    default void close() {
        content().close();
    }
}
