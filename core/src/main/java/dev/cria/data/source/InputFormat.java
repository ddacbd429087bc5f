package dev.cria.data.source;

import java.util.Locale;
import java.util.Optional;

/** What a file holds, told by its name. */
enum InputFormat {
    PARQUET,
    JSON_LINES,
    TEXT;

    /** The format of a file of that name, compressed or not; empty for names that tell nothing. */
    static Optional<InputFormat> of(String fileName) {
        String name = Compression.of(fileName).strip(fileName).toLowerCase(Locale.ROOT);
        if (name.endsWith(".parquet")) {
            return Optional.of(PARQUET);
        }
        if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) {
            return Optional.of(JSON_LINES);
        }
        if (name.endsWith(".txt") || name.endsWith(".text") || name.endsWith(".md")) {
            return Optional.of(TEXT);
        }
        return Optional.empty();
    }
}
