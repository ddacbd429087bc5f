package dev.cria.data.source;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a file holds, told by its name. */
enum InputFormat {
    PARQUET(List.of(".parquet")),
    JSON(List.of(".jsonl", ".ndjson", ".jsonlines", ".json")),
    TEXT(List.of(".txt", ".text", ".md"));

    private final List<String> endings;

    InputFormat(List<String> endings) {
        this.endings = endings;
    }

    /** The format of a file of that name, compressed or not; empty for names that tell nothing. */
    static Optional<InputFormat> of(String fileName) {
        String name = Compression.named(fileName).strip(fileName).toLowerCase(Locale.ROOT);
        for (InputFormat format : values()) {
            if (format.endings.stream().anyMatch(name::endsWith)) {
                return Optional.of(format);
            }
        }
        return Optional.empty();
    }
}
