package dev.cria.data.filter;

import java.util.Arrays;

/** The words and signs of a text as offsets into it, parted as {@link WordSplitter} says. */
final class Words {
    /** Of the polynomials that are the words' hashes. */
    static final long BASE = 0x9E3779B97F4A7C15L;

    private final String text;
    private int count;
    private boolean beyondBmp;
    private int[] begins;
    private int[] ends;
    private long[] hashes;

    private Words(String text) {
        this.text = text;
        int guess = text.length() / 5 + 8;
        begins = new int[guess];
        ends = new int[guess];
        hashes = new long[guess];
    }

    static Words of(String text) {
        Words words = new Words(text);
        Splits splits = Splits.ofThread();
        int at = 0;
        while (at < text.length()) {
            if (Whitespace.is(text.charAt(at))) {
                at++;
                continue;
            }
            int begin = at;
            long hash = 0;
            for (char c; at < text.length() && !Whitespace.is(c = text.charAt(at)); at++) {
                hash = hash * BASE + c;
                words.beyondBmp |= Character.isSurrogate(c);
            }
            words.addRun(begin, at, hash, splits);
        }
        return words;
    }

    private void addRun(int begin, int end, long hash, Splits splits) {
        int[] parts = splits.of(text, begin, end, hash);
        if (parts.length == 1) {
            add(begin, end, hash);
            return;
        }
        int from = begin;
        for (int part : parts) {
            int to = begin + part;
            add(from, to, hash(from, to));
            from = to;
        }
    }

    private long hash(int begin, int end) {
        long hash = 0;
        for (int i = begin; i < end; i++) {
            hash = hash * BASE + text.charAt(i);
        }
        return hash;
    }

    private void add(int begin, int end, long hash) {
        if (count == begins.length) {
            begins = Arrays.copyOf(begins, count * 2);
            ends = Arrays.copyOf(ends, count * 2);
            hashes = Arrays.copyOf(hashes, count * 2);
        }
        begins[count] = begin;
        ends[count] = end;
        hashes[count++] = hash;
    }

    /** How runs were parted before; English says the same again and again. Belongs to one thread. */
    private static final class Splits {
        private static final ThreadLocal<Splits> OF_THREAD = ThreadLocal.withInitial(Splits::new);
        private static final int SLOTS = 1 << 16;
        private static final int LONGEST = 32;
        /** Of a run that is one word: by far the most are. */
        private static final int[] WHOLE = {-1};

        private final long[] keys = new long[SLOTS];
        private final int[][] parts = new int[SLOTS][];
        private int used;

        static Splits ofThread() {
            return OF_THREAD.get();
        }

        int[] of(String text, int begin, int end, long hash) {
            if (end - begin > LONGEST) {
                return WordSplitter.split(text.substring(begin, end));
            }
            int slot = (int) (hash * 0xD6E8FEB86659FD93L >>> 48);
            while (parts[slot] != null && keys[slot] != hash) {
                slot = slot + 1 & SLOTS - 1;
            }
            if (parts[slot] == null) {
                if (used++ > SLOTS / 2) {
                    Arrays.fill(parts, null);
                    used = 0;
                }
                int[] split = WordSplitter.split(text.substring(begin, end));
                keys[slot] = hash;
                parts[slot] = split.length == 1 ? WHOLE : split;
            }
            return parts[slot];
        }
    }

    int count() {
        return count;
    }

    /** Where a word begins in the text. */
    int begin(int word) {
        return begins[word];
    }

    int end(int word) {
        return ends[word];
    }

    /** Characters of Unicode. */
    int length(int word) {
        return beyondBmp ? text.codePointCount(begins[word], ends[word]) : ends[word] - begins[word];
    }

    /** Equal for equal words; 64 bits, so that different words of one document never collide in practice. */
    long hash(int word) {
        return hashes[word];
    }

    /** Whether the word has no character that is not punctuation. */
    boolean isSign(int word) {
        for (int i = begins[word]; i < ends[word]; i++) {
            int c = text.codePointAt(i);
            if (!English.RULES.punctuation().get(c)) {
                return false;
            }
            i += Character.charCount(c) - 1;
        }
        return true;
    }

    boolean hasLetter(int word) {
        for (int i = begins[word]; i < ends[word]; i++) {
            if (Character.isLetter(text.codePointAt(i))) {
                return true;
            }
        }
        return false;
    }

    boolean is(int word, String other) {
        return ends[word] - begins[word] == other.length() && text.startsWith(other, begins[word]);
    }

    /** How many sentences the words make, at least one; counting stops at {@code enough}. */
    int sentences(int enough) {
        int sentences = 1;
        boolean ended = false;
        int before = 0;
        for (int i = 0; i < count && sentences < enough; i++) {
            // White space counts as a word unless it is a single blank between two.
            int gap = begins[i] - before;
            boolean blank = gap > 0 && (i == 0 || gap > 1 || text.charAt(before) != ' ');
            int c = text.codePointAt(begins[i]);
            boolean ends = Character.charCount(c) == this.ends[i] - begins[i]
                    && English.RULES.sentenceEnds().get(c);
            if (ended && (blank || !ends && !isPunctuation(i))) {
                sentences++;
                ended = false;
            }
            ended |= ends;
            before = this.ends[i];
        }
        int gap = text.length() - before;
        boolean blank = count > 0 && (gap > 1 || gap == 1 && text.charAt(before) != ' ');
        return ended && blank && sentences < enough ? sentences + 1 : sentences;
    }

    private boolean isPunctuation(int word) {
        return text.substring(begins[word], ends[word]).codePoints().allMatch(c -> switch (Character.getType(c)) {
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION -> true;
            default -> false;
        });
    }
}
