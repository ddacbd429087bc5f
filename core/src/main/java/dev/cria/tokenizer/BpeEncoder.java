package dev.cria.tokenizer;

import dev.cria.tokenizer.PreTokenizer.PreTokens;

/** Encodes ordinary text: pre-token by pre-token, from the cache or by merging. Works for one thread at a time. */
final class BpeEncoder implements WordEncoder {
    private static final int CAPACITY_KEPT = 1 << 18;

    private final BpeModel model;
    private final Merger merger;
    private final PreTokenCache cache = new PreTokenCache();
    private final IdBuffer ids = new IdBuffer(1024);

    BpeEncoder(BpeModel model) {
        this.model = model;
        this.merger = new Merger(model.vocabulary().byteIds(), model.merges());
    }

    @Override
    public void append(Piece piece) {
        byte[] utf8 = Utf8.encode(model.led(piece.text()));
        append(utf8, 0, utf8.length);
    }

    /** Appends the ids of {@code utf8[from, to)}. */
    void append(byte[] utf8, int from, int to) {
        if (from == to) {
            return;
        }
        PreTokens preTokens = model.preTokenizer().over(utf8, from, to);
        int start = from;
        while (start < to) {
            int end = preTokens.next();
            if (end - start <= PreTokenCache.LONGEST) {
                long low = PreTokenCache.lowKey(utf8, start, end);
                long high = PreTokenCache.highKey(utf8, start, end);
                if (!cache.appendTo(ids, low, high)) {
                    int count = merge(utf8, start, end);
                    int size = ids.size();
                    cache.put(low, high, ids.room(0), size - count, count);
                }
            } else {
                merge(utf8, start, end);
            }
            start = end;
        }
    }

    @Override
    public void append(int id) {
        ids.add(id);
    }

    @Override
    public int[] take() {
        int[] taken = ids.toArray();
        ids.clear(CAPACITY_KEPT);
        return taken;
    }

    private int merge(byte[] utf8, int start, int end) {
        int whole = model.wholeToken(utf8, start, end);
        if (whole >= 0) {
            ids.add(whole);
            return 1;
        }
        int count = merger.merge(utf8, start, end, ids.room(end - start), ids.size());
        ids.grow(count);
        return count;
    }
}
