package dev.cria.tokenizer;

import dev.cria.WorkException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Encodes and decodes whole streams: one text, or a line of JSON for each text. */
public final class TokenizerPipe {
    private static final JsonMapper MAPPER = new JsonMapper(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build());

    /** What the literals of special tokens are in a text to be encoded. */
    public enum Literals {
        ORDINARY_TEXT,
        SPECIAL_TOKENS
    }

    private final Tokenizer tokenizer;
    private final Literals literals;

    public TokenizerPipe(Tokenizer tokenizer, Literals literals) {
        this.tokenizer = tokenizer;
        this.literals = literals;
    }

    /** Reads one text in UTF-8 and writes a line of its ids. */
    public void encode(InputStream in, OutputStream out) throws IOException {
        String ids = Arrays.stream(ids(text(in.readAllBytes())))
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(" ", "", "\n"));
        out.write(ids.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    /** Reads ids between white space and writes their text, nothing added. */
    public void decode(InputStream in, OutputStream out) throws IOException {
        int[] ids = Arrays.stream(text(in.readAllBytes()).split("\\s+"))
                .filter(word -> !word.isEmpty())
                .mapToInt(TokenizerPipe::id)
                .toArray();
        out.write(tokenizer.decode(ids).getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    /** Reads lines {@code {"text": …}} and writes a line {@code {"ids": […]}} for each. */
    public void encodeLines(InputStream in, OutputStream out) throws IOException {
        var lines = new JsonLines(in, MAPPER);
        while (lines.advance()) {
            JsonNode text = lines.node().path("text");
            if (!text.isString()) {
                throw lines.refusal("has no \"text\" that is a text", "{\"text\": \"Hello world\"}");
            }
            write(out, MAPPER.createObjectNode().set("ids", MAPPER.valueToTree(ids(text.stringValue()))));
            flushBeforeWaiting(in, out);
        }
        out.flush();
    }

    /** Reads lines {@code {"ids": […]}} and writes a line {@code {"text": …}} for each. */
    public void decodeLines(InputStream in, OutputStream out) throws IOException {
        var lines = new JsonLines(in, MAPPER);
        while (lines.advance()) {
            JsonNode list = lines.node().path("ids");
            if (!list.isArray() || !list.valueStream().allMatch(JsonNode::canConvertToInt)) {
                throw lines.refusal("has no \"ids\" that is a list of whole numbers", "{\"ids\": [15496, 995]}");
            }
            int[] ids = list.valueStream().mapToInt(JsonNode::intValue).toArray();
            write(out, MAPPER.createObjectNode().put("text", tokenizer.decode(ids)));
            flushBeforeWaiting(in, out);
        }
        out.flush();
    }

    // A program on the other side of two pipes may wait for an answer before it asks on.
    private static void flushBeforeWaiting(InputStream in, OutputStream out) throws IOException {
        if (in.available() == 0) {
            out.flush();
        }
    }

    private static void write(OutputStream out, JsonNode node) throws IOException {
        out.write((MAPPER.writeValueAsString(node) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private int[] ids(String text) {
        return literals == Literals.SPECIAL_TOKENS ? tokenizer.encodeWithSpecial(text) : tokenizer.encode(text);
    }

    private static String text(byte[] utf8) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new WorkException(
                    "standard input is not UTF-8: " + e.getMessage(),
                    "iconv -f latin1 -t utf8 FILE | cria tokenizer",
                    e);
        }
    }

    private static int id(String word) {
        try {
            return Integer.parseInt(word);
        } catch (NumberFormatException e) {
            throw new WorkException(
                    "standard input holds \"" + word + "\" where ids should stand",
                    "echo 15496 995 | cria tokenizer decode",
                    e);
        }
    }
}
