package dev.cria.data.dedup;

import dev.cria.data.Mix64;
import dev.cria.data.source.Row;

/** Which documents count as the same. */
public enum Dedup {
    NONE(0),
    /** Texts that are equal but for letter case and white space. */
    EXACT(1),
    /** Those, and texts that share most of their word 5-grams. */
    MINHASH(1 + MinHash.BANDS);

    /** Within what duplicates are looked for. */
    public enum Scope {
        GLOBAL,
        /** Within each snapshot, told by the column or key {@code dump}, as FineWeb does. */
        DUMP
    }

    private final int keys;

    Dedup(int keys) {
        this.keys = keys;
    }

    /** How many keys {@link #keysOf} gives for each document. */
    public int keys() {
        return keys;
    }

    /** Hashes of a document such that two documents count as the same if any of them, in the same place, is equal. */
    public long[] keysOf(Row.Document document, Scope scope) {
        long[] result = new long[keys];
        long salt = scope == Scope.DUMP ? Hashes.of(document.dump().orElse("")) : 0;
        if (this == EXACT || this == MINHASH) {
            result[0] = Mix64.next(Hashes.ofSquashed(document.text()) + salt);
        }
        if (this == MINHASH) {
            long[] bands = MinHash.bands(document.text());
            for (int band = 0; band < bands.length; band++) {
                result[1 + band] = Mix64.next(bands[band] + salt);
            }
        }
        return result;
    }
}
