package dev.cria.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonParser.NumberType;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A {@code tokenizer.json} as it is parsed. Vocabulary and merges are nearly all of it, 100,000 values for GPT-2, and
 * are read as they pass; everything else becomes a tree.
 *
 * @param rest without {@code model.vocab} where that is an object, and {@code model.merges} where that is a list
 */
record TokenizerDocument(JsonNode rest, Optional<SpelledVocabulary> vocabulary, Optional<List<SpelledMerge>> merges) {

    // A table that shares equal names costs more than it saves where nearly every name is a token.
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
                    .build())
            .build();

    /** Two tokens that become one. */
    record SpelledMerge(String left, String right) {}

    /**
     * Parses a file's content.
     *
     * @param file refuses what is wrong with it
     * @throws tools.jackson.core.JacksonException if it is not JSON
     */
    static TokenizerDocument parse(byte[] content, TokenizerJsonReader file) {
        try (JsonParser parser = MAPPER.createParser(content)) {
            parser.nextToken();
            TokenizerDocument document = new Pass(parser, file).document();
            file.refuseUnless(parser.nextToken() == null, "goes on after its end");
            return document;
        }
    }

    /** One pass over a file. */
    private static final class Pass {
        private final JsonParser parser;
        private final TokenizerJsonReader file;
        private Optional<SpelledVocabulary> vocabulary = Optional.empty();
        private Optional<List<SpelledMerge>> merges = Optional.empty();

        Pass(JsonParser parser, TokenizerJsonReader file) {
            this.parser = parser;
            this.file = file;
        }

        TokenizerDocument document() {
            JsonNode rest = parser.hasToken(JsonToken.START_OBJECT) ? root() : tree();
            return new TokenizerDocument(rest, vocabulary, merges);
        }

        private ObjectNode root() {
            ObjectNode root = MAPPER.createObjectNode();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String key = parser.currentName();
                JsonToken value = parser.nextToken();
                root.set(key, key.equals("model") && value == JsonToken.START_OBJECT ? model() : tree());
            }
            return root;
        }

        private ObjectNode model() {
            ObjectNode model = MAPPER.createObjectNode();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String key = parser.currentName();
                JsonToken value = parser.nextToken();
                if (key.equals("vocab") && value == JsonToken.START_OBJECT) {
                    vocabulary = Optional.of(readVocabulary());
                } else if (key.equals("merges") && value == JsonToken.START_ARRAY) {
                    merges = Optional.of(readMerges());
                } else {
                    model.set(key, tree());
                }
            }
            return model;
        }

        private JsonNode tree() {
            return parser.currentToken() == null ? MissingNode.getInstance() : parser.readValueAsTree();
        }

        private SpelledVocabulary readVocabulary() {
            var tokens = new SpelledVocabulary();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String token = parser.currentName();
                parser.nextToken();
                int id = id(token);
                file.refuseUnless(!token.isEmpty(), "model.vocab holds an empty token");
                Optional<String> other = tokens.token(id);
                if (other.isPresent()) {
                    throw file.refusal("model.vocab gives " + TokenizerJsonReader.quoted(token) + " the id of "
                            + TokenizerJsonReader.quoted(other.get()) + ", " + id);
                }
                if (tokens.id(token) != SpelledVocabulary.NONE) {
                    throw file.refusal("model.vocab holds " + TokenizerJsonReader.quoted(token) + " twice");
                }
                tokens.add(token, id);
            }
            return tokens;
        }

        private int id(String token) {
            boolean isInt = parser.hasToken(JsonToken.VALUE_NUMBER_INT) && parser.getNumberType() == NumberType.INT;
            int id = isInt ? parser.getIntValue() : -1;
            if (id < 0 || id >= Merges.ID_LIMIT) {
                throw file.noId("model.vocab[" + TokenizerJsonReader.quoted(token) + "]", tree());
            }
            return id;
        }

        private List<SpelledMerge> readMerges() {
            List<SpelledMerge> read = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                read.add(merge(read.size()));
            }
            return read;
        }

        /** A pair in either form, {@code "a b"} or {@code ["a", "b"]}. */
        private SpelledMerge merge(int rank) {
            if (parser.hasToken(JsonToken.VALUE_STRING)) {
                String pair = parser.getString();
                int space = pair.indexOf(' ');
                if (space > 0 && space < pair.length() - 1 && space == pair.lastIndexOf(' ')) {
                    return new SpelledMerge(pair.substring(0, space), pair.substring(space + 1));
                }
            }
            JsonNode entry = tree();
            String left = entry.path(0).asString("");
            String right = entry.path(1).asString("");
            if (entry.size() != 2 || left.isEmpty() || right.isEmpty()) {
                throw file.refusal("model.merges[" + rank + "] is not a pair of tokens: "
                        + TokenizerJsonReader.shortened(entry.toString()));
            }
            return new SpelledMerge(left, right);
        }
    }
}
