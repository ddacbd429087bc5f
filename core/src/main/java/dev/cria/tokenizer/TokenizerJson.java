package dev.cria.tokenizer;

import dev.cria.tokenizer.AddedToken.Kind;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes tokenizers made here, whose pre-tokenizer is GPT-2's, as the files of a Hugging Face model directory.
 *
 * <p>Merges are written as {@code "a b"}, which old and new readers know; a token so spelled never holds a space. The
 * class is the generic one, which needs no other file, so that any model may carry it.
 */
final class TokenizerJson {
    static final String FILE = "tokenizer.json";
    static final String CONFIG = "tokenizer_config.json";
    static final String SPECIAL_TOKENS = "special_tokens_map.json";

    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private TokenizerJson() {}

    /** @param endOfText the literal that ends, begins and pads a text */
    static Map<String, byte[]> files(BpeModel model, String endOfText) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put(FILE, MAPPER.writeValueAsBytes(tokenizer(model)));
        files.put(CONFIG, MAPPER.writeValueAsBytes(config(endOfText)));
        files.put(SPECIAL_TOKENS, MAPPER.writeValueAsBytes(roles(endOfText)));
        return files;
    }

    private static ObjectNode tokenizer(BpeModel model) {
        ObjectNode root = MAPPER.createObjectNode().put("version", "1.0");
        root.putNull("truncation").putNull("padding");
        ArrayNode added = root.putArray("added_tokens");
        for (AddedToken token : model.added()) {
            added.addObject()
                    .put("id", token.id())
                    .put("content", token.content())
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false)
                    .put("normalized", false)
                    .put("special", token.kind() == Kind.SPECIAL);
        }
        root.putNull("normalizer");
        byteLevel(root.putObject("pre_tokenizer"));
        byteLevel(root.putObject("post_processor"));
        byteLevel(root.putObject("decoder"));
        model(root.putObject("model"), model);
        return root;
    }

    private static void byteLevel(ObjectNode node) {
        node.put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", false)
                .put("use_regex", true);
    }

    private static void model(ObjectNode node, BpeModel model) {
        node.put("type", "BPE").putNull("dropout").putNull("unk_token");
        node.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
        node.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
        ObjectNode vocabulary = node.putObject("vocab");
        for (int id = 0; id < model.vocabulary().size(); id++) {
            vocabulary.put(ByteAlphabet.spell(model.vocabulary().bytes(id)), id);
        }
        ArrayNode merges = node.putArray("merges");
        for (int rank = 0; rank < model.merges().size(); rank++) {
            merges.add(spell(model, model.merges().left(rank)) + " "
                    + spell(model, model.merges().right(rank)));
        }
    }

    private static String spell(BpeModel model, int id) {
        return ByteAlphabet.spell(model.vocabulary().bytes(id));
    }

    private static ObjectNode config(String endOfText) {
        ObjectNode config = roles(endOfText);
        config.put("add_prefix_space", false).put("clean_up_tokenization_spaces", false);
        return config.put("tokenizer_class", "PreTrainedTokenizerFast");
    }

    private static ObjectNode roles(String endOfText) {
        return MAPPER.createObjectNode()
                .put("bos_token", endOfText)
                .put("eos_token", endOfText)
                .put("unk_token", endOfText);
    }
}
