package dev.cria.data;

import dev.cria.format.Npy;
import java.nio.file.Path;

/** One file of tokens, mapped into memory. */
public record Shard(Path file, Npy tokens) {

    /** The file's name, as it stands in messages. */
    public String name() {
        return file.getFileName().toString();
    }

    /** How many tokens it holds. */
    public long length() {
        return tokens.count();
    }

    /** How many windows of {@code sequenceLength} inputs and one more target it holds: ⌊(length − 1) / T⌋. */
    public long windows(int sequenceLength) {
        return Math.max(0, length() - 1) / sequenceLength;
    }
}
