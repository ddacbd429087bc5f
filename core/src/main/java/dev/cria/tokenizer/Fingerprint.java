package dev.cria.tokenizer;

import dev.cria.tokenizer.AddedToken.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** SHA-256 of numbers and texts, each text with its length before it. */
final class Fingerprint {
    private final MessageDigest digest = sha256();

    void add(byte[] bytes) {
        add(bytes.length);
        digest.update(bytes);
    }

    void add(String text) {
        add(text.getBytes(StandardCharsets.UTF_8));
    }

    void add(int... numbers) {
        ByteBuffer buffer = ByteBuffer.allocate(Integer.BYTES * numbers.length);
        buffer.asIntBuffer().put(numbers);
        digest.update(buffer.array());
    }

    void add(List<AddedToken> tokens) {
        for (AddedToken token : tokens) {
            add(token.id(), token.kind() == Kind.SPECIAL ? 0 : 1);
        }
    }

    String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
