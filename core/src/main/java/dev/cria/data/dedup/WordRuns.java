package dev.cria.data.dedup;

/** Runs of n words of a text as hashes, in the normal form that near duplicates are compared in. */
public final class WordRuns {
    private WordRuns() {}

    /** A hash for each run of {@code words} words; none if the text has fewer. */
    public static long[] of(String text, int words) {
        long[] hashes = Shingles.wordHashes(text);
        long[] runs = new long[Math.max(0, hashes.length - words + 1)];
        for (int i = 0; i < runs.length; i++) {
            runs[i] = Shingles.combine(hashes, i, i + words);
        }
        return runs;
    }
}
