package dev.cria.tokenizer;

import dev.cria.tokenizer.SpelledModel.Fusing;
import dev.cria.tokenizer.SpelledModel.Whole;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/** Encodes text word by word, from the cache or by merging the tokens of its characters. */
final class SpelledEncoder implements WordEncoder {
    private static final int CAPACITY_KEPT = 1 << 18;
    private static final int WORDS = 1 << 16;
    private static final int LONGEST = 64;

    private final SpelledModel model;
    private final Merger merger;
    private final Map<String, int[]> cache = new HashMap<>();
    private final IdBuffer ids = new IdBuffer(1024);
    private OptionalInt pending = OptionalInt.empty();

    SpelledEncoder(SpelledModel model) {
        this.model = model;
        this.merger = new Merger(new int[0], model.merges());
    }

    @Override
    public void append(Piece piece) {
        model.words(piece).forEach(word -> appendWord(word.text()));
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

    void appendWord(String word) {
        int[] known = cache.get(word);
        if (known != null) {
            ids.add(known, 0, known.length);
            return;
        }
        int from = ids.size();
        encode(word);
        if (word.length() <= LONGEST) {
            if (cache.size() >= WORDS) {
                cache.clear();
            }
            int[] made = new int[ids.size() - from];
            System.arraycopy(ids.room(0), from, made, 0, made.length);
            cache.put(word, made);
        }
    }

    private void encode(String word) {
        Integer whole = model.whole() == Whole.FIRST ? model.ids().get(word) : null;
        if (whole != null) {
            ids.add(whole);
            return;
        }
        int from = ids.size();
        for (int i = 0; i < word.length(); ) {
            int codePoint = word.codePointAt(i);
            appendCharacter(Character.toString(codePoint));
            i += Character.charCount(codePoint);
        }
        flushUnknown();
        int length = ids.size() - from;
        ids.grow(merger.merge(ids.room(0), from, length) - length);
    }

    private void appendCharacter(String character) {
        Integer id = model.ids().get(character);
        if (id != null) {
            flushUnknown();
            ids.add(id);
        } else if (!appendBytes(Utf8.encode(character))) {
            if (model.unknown().fusing() == Fusing.EACH_ALONE) {
                flushUnknown();
            }
            pending = model.unknown().token();
        }
    }

    /** Appends the tokens of bytes, or nothing if one of them has none. */
    private boolean appendBytes(byte[] utf8) {
        int[] byteIds = model.unknown().byteIds();
        for (byte b : utf8) {
            if (byteIds.length == 0 || byteIds[b & 0xFF] == SpelledVocabulary.NONE) {
                return false;
            }
        }
        for (byte b : utf8) {
            ids.add(byteIds[b & 0xFF]);
        }
        return true;
    }

    private void flushUnknown() {
        pending.ifPresent(ids::add);
        pending = OptionalInt.empty();
    }
}
