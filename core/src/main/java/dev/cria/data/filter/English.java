package dev.cria.data.filter;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What English looks like to the filters: classes of characters, signs that part from words, and words that are parted
 * otherwise. Read from {@code english.json}, which {@code core/src/test/oracle/english.py} makes.
 *
 * @param beforePoint what a point at a word's end must follow to part from it
 * @param afterDigit units and currencies that part from a number
 * @param sentenceEnds signs that end a sentence
 * @param terminal signs that end a line as a sentence
 * @param punctuation what a word without any other character is no word
 * @param exceptions the parts of words such as {@code don't}
 * @see "spaCy 3.8, lang/en and lang/punctuation.py; datatrove's utils/text.py"
 */
record English(
        BitSet alpha,
        BitSet lower,
        BitSet upper,
        BitSet icons,
        BitSet quotes,
        BitSet beforePoint,
        Set<String> prefixes,
        Set<String> suffixes,
        Set<String> afterDigit,
        List<String> hyphens,
        BitSet sentenceEnds,
        BitSet terminal,
        BitSet punctuation,
        Map<String, List<String>> exceptions) {
    static final English RULES = read();

    private static English read() {
        try (InputStream in = English.class.getResourceAsStream("english.json")) {
            JsonNode root = JsonMapper.shared().readTree(Objects.requireNonNull(in, "english.json is not in the jar"));
            Map<String, List<String>> exceptions = new HashMap<>();
            root.get("exceptions").forEachEntry((word, parts) -> exceptions.put(word, strings(parts)));
            return new English(
                    characters(root, "alpha"),
                    characters(root, "lower"),
                    characters(root, "upper"),
                    characters(root, "icons"),
                    characters(root, "quotes"),
                    characters(root, "before_point"),
                    new HashSet<>(strings(root.get("prefixes"))),
                    new HashSet<>(strings(root.get("suffixes"))),
                    new HashSet<>(strings(root.get("after_digit"))),
                    strings(root.get("hyphens")),
                    characters(root, "sentence_ends"),
                    characters(root, "terminal"),
                    characters(root, "punctuation"),
                    exceptions);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A set of code points from pairs of its runs' first and last. */
    private static BitSet characters(JsonNode root, String name) {
        BitSet characters = new BitSet();
        JsonNode runs = root.get(name);
        for (int i = 0; i < runs.size(); i += 2) {
            characters.set(runs.get(i).asInt(), runs.get(i + 1).asInt() + 1);
        }
        return characters;
    }

    private static List<String> strings(JsonNode array) {
        return array.valueStream().map(JsonNode::asString).toList();
    }

    /** Whether a line ends as a sentence does. */
    boolean endsSentence(String line) {
        return !line.isEmpty() && terminal.get(line.codePointBefore(line.length()));
    }
}
