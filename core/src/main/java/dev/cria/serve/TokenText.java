package dev.cria.serve;

import dev.cria.tokenizer.StreamingDecoder;
import dev.cria.tokenizer.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.ToIntFunction;
import tools.jackson.databind.node.ArrayNode;

/** Tokens as the interface shows them: their text, or {@code bytes:\xe2\x80} where they are part of a character. */
record TokenText(Optional<Tokenizer> tokenizer) {
    String of(int id) {
        byte[] bytes = bytes(id);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException _) {
            StringBuilder text = new StringBuilder("bytes:");
            for (byte b : bytes) {
                text.append("\\x%02x".formatted(b));
            }
            return text.toString();
        }
    }

    /** Says how many characters of the text each of a row of tokens completes. */
    ToIntFunction<Integer> lengths() {
        if (tokenizer.isEmpty()) {
            return id -> of(id).length();
        }
        var decoder = new StreamingDecoder(tokenizer.get());
        return id -> (id < tokenizer.get().vocabularySize() ? decoder.accept(id) : of(id)).length();
    }

    ArrayNode bytesOf(int id) {
        ArrayNode bytes = Json.array();
        for (byte b : bytes(id)) {
            bytes.add(b & 0xff);
        }
        return bytes;
    }

    private byte[] bytes(int id) {
        return tokenizer
                .filter(t -> id < t.vocabularySize())
                .map(t -> t.bytes(id))
                .orElseGet(() -> ("<" + id + ">").getBytes(StandardCharsets.UTF_8));
    }
}
