package dev.cria.tokenizer;

import dev.cria.tokenizer.DigitSplit.Grouping;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.PatternSyntaxException;
import tools.jackson.databind.JsonNode;

/** Reads the {@code pre_tokenizer} of a {@code tokenizer.json}, and knows the patterns that are scanned by hand. */
final class PreTokenizerJson {
    private static final List<Llama3Pattern> LLAMA_LIKE =
            List.of(new Llama3Pattern(3), new Llama3Pattern(1), new Llama3Pattern(2));

    private final TokenizerJsonReader file;

    PreTokenizerJson(TokenizerJsonReader file) {
        this.file = file;
    }

    /** @param key where the node stands in the file, for refusals */
    PreTokenizer read(JsonNode node, String key) {
        List<PreTokenizer> stages = new ArrayList<>();
        boolean toBytes = stages(node, key, stages);
        file.refuseUnless(toBytes, key + " does not end in ByteLevel");
        Optional<PreTokenizer> all = stages.stream().reduce(PreTokenizerSequence::new);
        file.refuseUnless(all.isPresent(), key + " splits nowhere");
        return all.orElseThrow();
    }

    /** Appends the stages of a node; true if the node makes text into bytes, which the last one has to. */
    private boolean stages(JsonNode node, String key, List<PreTokenizer> stages) {
        switch (TokenizerJsonReader.type(node)) {
            case "ByteLevel" -> {
                file.refuseUnless(
                        !node.path("add_prefix_space").asBoolean(true), key + ".add_prefix_space is not false");
                if (node.path("use_regex").asBoolean(true)) {
                    stages.add(new Gpt2Pattern());
                }
                return true;
            }
            case "Split" -> stages.add(split(node, key));
            case "Digits" ->
                stages.add(new DigitSplit(
                        node.path("individual_digits").asBoolean(false) ? Grouping.EACH_ALONE : Grouping.RUNS));
            case "Sequence" -> {
                return sequence(node.path("pretokenizers"), key + ".pretokenizers", stages);
            }
            case String other -> throw file.refusal(key + ".type is " + other);
        }
        return false;
    }

    private boolean sequence(JsonNode list, String key, List<PreTokenizer> stages) {
        boolean toBytes = false;
        for (int i = 0; i < list.size(); i++) {
            file.refuseUnless(!toBytes, key + "[" + i + "] stands behind ByteLevel");
            toBytes = stages(list.path(i), key + "[" + i + "]", stages);
        }
        return toBytes;
    }

    private PreTokenizer split(JsonNode node, String key) {
        String behavior = node.path("behavior").asString("absent");
        file.refuseUnless(behavior.equals("Isolated"), key + ".behavior is " + behavior + ", not Isolated");
        file.refuseUnless(!node.path("invert").asBoolean(false), key + ".invert is true");
        JsonNode pattern = node.path("pattern").path("Regex");
        file.refuseUnless(pattern.isString(), key + ".pattern.Regex is not a text");
        String regex = pattern.asString("");
        if (regex.equals(Gpt2Pattern.REGEX)) {
            return new Gpt2Pattern();
        }
        for (Llama3Pattern known : LLAMA_LIKE) {
            if (regex.equals(known.regex())) {
                return known;
            }
        }
        try {
            return RegexPattern.of(regex);
        } catch (PatternSyntaxException e) {
            throw file.refusal(key + ".pattern.Regex is not one that Java reads: " + e.getDescription());
        }
    }
}
