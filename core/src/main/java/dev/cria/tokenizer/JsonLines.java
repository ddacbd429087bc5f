package dev.cria.tokenizer;

import dev.cria.WorkException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * Reads JSON line by line; blank lines are passed over. Only {@code \n} ends a line: a text may hold U+0085, U+2028
 * and other characters that line readers of some languages split at.
 */
final class JsonLines {
    private final InputStream in;
    private final JsonMapper mapper;
    private JsonNode node = MissingNode.getInstance();
    private long number;

    /** @param in buffered, since it is read byte by byte */
    JsonLines(InputStream in, JsonMapper mapper) {
        this.in = in;
        this.mapper = mapper;
    }

    /** Goes to the next line that isn't blank; false at the end. */
    boolean advance() throws IOException {
        var line = new ByteArrayOutputStream();
        int next;
        do {
            line.reset();
            boolean blank = true;
            for (next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
                line.write(next);
                blank &= next == ' ' || next == '\t' || next == '\r';
            }
            number++;
            if (!blank) {
                node = parse(line.toByteArray());
                return true;
            }
        } while (next >= 0);
        return false;
    }

    private JsonNode parse(byte[] line) {
        try {
            return mapper.readTree(line);
        } catch (JacksonException e) {
            throw refusal("is not JSON: " + e.getOriginalMessage(), "{\"text\": \"Hello world\"}");
        }
    }

    JsonNode node() {
        return node;
    }

    /** @param example what a right line looks like */
    WorkException refusal(String problem, String example) {
        return new WorkException("standard input, line " + number + " " + problem, "a line is like " + example);
    }
}
