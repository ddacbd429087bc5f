package dev.cria.eval;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import dev.cria.tokenizer.Tokenizer;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** GPT-2's tokenizer by jtokkit, so that these tests stand on an implementation other than our own. */
final class ReferenceGpt2 implements Tokenizer {
    private final Encoding encoding = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);

    @Override
    public int[] encode(String text) {
        return encoding.encodeOrdinary(text).toArray();
    }

    @Override
    public int[] encodeWithSpecial(String text) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<int[]> encodeAll(List<String> texts) {
        return texts.stream().map(this::encode).toList();
    }

    @Override
    public String decode(int[] ids) {
        IntArrayList list = new IntArrayList(ids.length);
        for (int id : ids) {
            list.add(id);
        }
        return encoding.decode(list);
    }

    @Override
    public byte[] bytes(int id) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int vocabularySize() {
        return 50257;
    }

    @Override
    public OptionalInt endOfText() {
        return OptionalInt.of(50256);
    }

    @Override
    public String fingerprint() {
        return "gpt2";
    }

    @Override
    public Map<String, byte[]> files() {
        return Map.of();
    }

    @Override
    public Map<String, Integer> specialTokens() {
        return Map.of();
    }
}
