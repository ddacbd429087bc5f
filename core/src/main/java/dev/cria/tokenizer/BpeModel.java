package dev.cria.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * A byte-level BPE: words are bytes, and every byte is a token.
 *
 * @param wholeTokens tokens, their bytes as Latin-1, that a pre-token becomes as a whole without merging (Hugging
 *     Face's {@code ignore_merges}); empty for most tokenizers
 */
record BpeModel(
        Vocabulary vocabulary,
        Merges merges,
        PreTokenizer preTokenizer,
        Lead lead,
        Map<String, Integer> wholeTokens,
        List<AddedToken> added)
        implements BpeRules {

    /** What stands before a text. */
    enum Lead {
        AS_IT_IS,
        /** A space, where none does already. */
        SPACE
    }

    /** The id of the token that is all of {@code bytes[from, to)}, or -1 where it has to be merged. */
    int wholeToken(byte[] bytes, int from, int to) {
        return wholeTokens.isEmpty()
                ? -1
                : wholeTokens.getOrDefault(new String(bytes, from, to - from, StandardCharsets.ISO_8859_1), -1);
    }

    /** A text as it is encoded: with the space before it that some tokenizers put there. */
    String led(String text) {
        return lead == Lead.SPACE && !text.startsWith(" ") ? " " + text : text;
    }

    @Override
    public WordEncoder encoder() {
        return new BpeEncoder(this);
    }

    @Override
    public int[] starts(Piece piece, int[] ids) {
        String text = led(piece.text());
        int more = text.length() - piece.text().length();
        int[] starts = new int[ids.length];
        int at = 0;
        int byteAt = 0;
        int begun = 0;
        for (int i = 0; i < ids.length; i++) {
            while (at < text.length() && byteAt + utf8Length(text, at) <= begun) {
                byteAt += utf8Length(text, at);
                at += Character.charCount(text.codePointAt(at));
            }
            starts[i] = piece.origin(Math.max(0, at - more));
            begun += vocabulary.bytes(ids[i]).length;
        }
        return starts;
    }

    private static int utf8Length(String text, int at) {
        int codePoint = text.codePointAt(at);
        return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
    }

    @Override
    public int size() {
        return vocabulary.size();
    }

    @Override
    public boolean has(int id) {
        return vocabulary.has(id);
    }

    @Override
    public byte[] bytes(int id) {
        return vocabulary.bytes(id);
    }

    @Override
    public String decode(int[] ids) {
        int length = 0;
        for (int id : ids) {
            length += vocabulary.bytes(id).length;
        }
        byte[] bytes = new byte[length];
        int at = 0;
        for (int id : ids) {
            byte[] token = vocabulary.bytes(id);
            System.arraycopy(token, 0, bytes, at, token.length);
            at += token.length;
        }
        return Utf8.decode(bytes, 0, length);
    }

    @Override
    public String fingerprint() {
        var hash = new Fingerprint();
        hash.add(preTokenizer.signature() + (lead == Lead.SPACE ? "\n " : ""));
        hash.add(wholeTokens.size());
        hash.add(vocabulary.size());
        for (int id = 0; id < vocabulary.size(); id++) {
            hash.add(vocabulary.bytes(id));
        }
        merges.addTo(hash);
        hash.add(added);
        return hash.hex();
    }
}
