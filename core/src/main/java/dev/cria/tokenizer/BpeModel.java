package dev.cria.tokenizer;

import dev.cria.tokenizer.AddedToken.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * All that decides the ids of a text.
 *
 * @param wholeTokens tokens, their bytes as Latin-1, that a pre-token becomes as a whole without merging (Hugging
 *     Face's {@code ignore_merges}); empty for most tokenizers
 * @param added in order of id
 */
record BpeModel(
        Vocabulary vocabulary,
        Merges merges,
        PreTokenizer preTokenizer,
        Map<String, Integer> wholeTokens,
        List<AddedToken> added) {

    /** The id of the token that is all of {@code bytes[from, to)}, or -1 where it has to be merged. */
    int wholeToken(byte[] bytes, int from, int to) {
        return wholeTokens.isEmpty()
                ? -1
                : wholeTokens.getOrDefault(new String(bytes, from, to - from, StandardCharsets.ISO_8859_1), -1);
    }

    /** SHA-256 of everything here in a fixed layout, in hexadecimal. */
    String fingerprint() {
        MessageDigest digest = sha256();
        update(digest, preTokenizer.signature().getBytes(StandardCharsets.UTF_8));
        update(digest, wholeTokens.size());
        update(digest, vocabulary.size());
        for (int id = 0; id < vocabulary.size(); id++) {
            update(digest, vocabulary.bytes(id));
        }
        update(digest, merges.size());
        for (int rank = 0; rank < merges.size(); rank++) {
            update(digest, merges.left(rank), merges.right(rank), merges.merged(rank));
        }
        for (AddedToken token : added) {
            update(digest, token.id(), token.kind() == Kind.SPECIAL ? 0 : 1);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void update(MessageDigest digest, byte[] bytes) {
        update(digest, bytes.length);
        digest.update(bytes);
    }

    private static void update(MessageDigest digest, int... numbers) {
        ByteBuffer buffer = ByteBuffer.allocate(Integer.BYTES * numbers.length);
        buffer.asIntBuffer().put(numbers);
        digest.update(buffer.array());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
