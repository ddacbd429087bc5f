package dev.cria.tokenizer;

import java.util.Arrays;

/**
 * Decodes ids as they come, never printing half a code point: the pieces, put together, are
 * {@link Tokenizer#decode} of all the ids.
 *
 * <pre>{@code
 * var decoder = new StreamingDecoder(tokenizer);
 * for (int id : ids) print(decoder.accept(id));
 * print(decoder.finish());
 * }</pre>
 */
public final class StreamingDecoder {
    private final Tokenizer tokenizer;
    private byte[] held = {};

    public StreamingDecoder(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** The text that this id completes; empty where it ends within a code point and completes nothing. */
    public String accept(int id) {
        byte[] token = tokenizer.bytes(id);
        byte[] bytes = Arrays.copyOf(held, held.length + token.length);
        System.arraycopy(token, 0, bytes, held.length, token.length);
        int complete = Utf8.incompleteTail(bytes, 0, bytes.length);
        held = Arrays.copyOfRange(bytes, complete, bytes.length);
        return Utf8.decode(bytes, 0, complete);
    }

    /** U+FFFD where the ids ended within a code point, else nothing; afterwards this decodes another text. */
    public String finish() {
        String rest = Utf8.decode(held, 0, held.length);
        held = new byte[0];
        return rest;
    }
}
