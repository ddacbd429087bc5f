package dev.cria.data.source;

import dev.cria.RequestException;
import dev.cria.WorkException;
import java.io.Serializable;
import java.util.Map;

/**
 * How documents are read.
 *
 * @param textField the column or key that holds the text
 * @param maxDocumentBytes a longer document counts as one that cannot be read: no document may take all memory
 */
public record Reading(String textField, long maxDocumentBytes) implements Serializable {
    /** 100 MiB. */
    public static final long MOST_BYTES = 100L << 20;

    /** More than a Java array holds, with room for what is read ahead. */
    private static final long LIMIT = 2_000_000_000;

    public Reading {
        if (maxDocumentBytes < 1 || maxDocumentBytes > LIMIT) {
            throw new RequestException(
                    "--max-document-bytes is %d, and it is between 1 and %d".formatted(maxDocumentBytes, LIMIT),
                    "--max-document-bytes " + MOST_BYTES);
        }
    }

    /** Reads documents of the usual length. */
    public static Reading of(String textField) {
        return new Reading(textField, MOST_BYTES);
    }

    /** Adds to a request what decides which bytes it leads to; the usual length as before there was a choice. */
    public void describe(Map<String, Object> request) {
        request.put("text_field", textField);
        if (maxDocumentBytes != MOST_BYTES) {
            request.put("max_document_bytes", maxDocumentBytes);
        }
    }

    /** What to say of a longer document; {@code place} as in {@code a.jsonl line 7}. */
    WorkException tooLong(String place, long bytes) {
        return new WorkException(
                "%s has %d bytes, more than --max-document-bytes %d".formatted(place, bytes, maxDocumentBytes),
                "--max-document-bytes %d, or continue without such documents: --skip-bad"
                        .formatted(Math.min(LIMIT, Math.max(bytes, maxDocumentBytes + 1))));
    }
}
