package dev.cria.eval;

import dev.cria.tokenizer.Roles;
import dev.cria.tokenizer.Tokenizer;
import dev.cria.tokenizer.TokenizerPipe.Literals;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** A token a byte, and 256 for the end of a document. */
class ByteTokenizer implements Tokenizer {
    static final int END = 256;

    @Override
    public int[] encode(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return IntStream.range(0, bytes.length).map(i -> bytes[i] & 0xFF).toArray();
    }

    @Override
    public int[] encodeWithSpecial(String text) {
        return encode(text);
    }

    @Override
    public List<int[]> encodeAll(List<String> texts) {
        return texts.stream().map(this::encode).toList();
    }

    @Override
    public String decode(int[] ids) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int id : ids) {
            bytes.writeBytes(bytes(id));
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] bytes(int id) {
        return id == END ? "<|endoftext|>".getBytes(StandardCharsets.UTF_8) : new byte[] {(byte) id};
    }

    @Override
    public int vocabularySize() {
        return 257;
    }

    @Override
    public Roles roles() {
        return new Roles(OptionalInt.of(END), OptionalInt.of(END), Roles.Frame.NONE);
    }

    @Override
    public Encoded encodeWithStarts(String text, Literals literals) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Map<String, Integer> specialTokens() {
        return Map.of("<|endoftext|>", END);
    }

    @Override
    public Map<String, byte[]> files() {
        return Map.of();
    }

    @Override
    public String fingerprint() {
        return "bytes";
    }
}
