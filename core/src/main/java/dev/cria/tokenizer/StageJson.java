package dev.cria.tokenizer;

import dev.cria.RequestException;
import dev.cria.tokenizer.TextSplitter.Metaspace.Scheme;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import tools.jackson.databind.JsonNode;

/**
 * One stage of a {@code tokenizer.json}: a node with a type, whose keys are read one by one. What no one has asked for
 * is refused by its key.
 *
 * @param key where the node is in the file, for refusals
 */
record StageJson(TokenizerJsonReader file, JsonNode node, String key) {

    String type() {
        return TokenizerJsonReader.type(node);
    }

    boolean isAbsent() {
        return TokenizerJsonReader.isAbsent(node);
    }

    /** Refuses keys other than these. */
    StageJson with(String... known) {
        file.refuseUnknown(node, key, Set.of(known), Set.of("type"));
        return this;
    }

    StageJson at(String name) {
        return new StageJson(file, node.path(name), key + "." + name);
    }

    StageJson at(int index) {
        return new StageJson(file, node.path(index), key + "[" + index + "]");
    }

    boolean flag(String name, boolean otherwise) {
        JsonNode value = node.path(name);
        file.refuseUnless(
                TokenizerJsonReader.isAbsent(value) || value.isBoolean(),
                key + "." + name + " is " + value + ", not true or false");
        return value.asBoolean(otherwise);
    }

    int number(String name) {
        JsonNode value = node.path(name);
        file.refuseUnless(value.canConvertToInt(), key + "." + name + " is " + value + ", not a whole number");
        return value.intValue();
    }

    String text(String name) {
        JsonNode value = node.path(name);
        file.refuseUnless(value.isString(), key + "." + name + " is not a text");
        return value.stringValue();
    }

    /** A {@code pattern}, which is a String or a Regex with the meaning that it has in Hugging Face's files. */
    Pattern pattern() {
        JsonNode pattern = node.path("pattern");
        if (pattern.path("String").isString()) {
            return Pattern.compile(Pattern.quote(pattern.path("String").stringValue()));
        }
        file.refuseUnless(pattern.path("Regex").isString(), key + ".pattern.Regex is not a text");
        try {
            return Pattern.compile(pattern.path("Regex").stringValue(), Pattern.UNICODE_CHARACTER_CLASS);
        } catch (PatternSyntaxException e) {
            throw file.refusal(key + ".pattern.Regex is not one that Java reads: " + e.getDescription());
        }
    }

    /** Where a mark is put before texts; older files say it as {@code add_prefix_space}. */
    Scheme scheme() {
        JsonNode scheme = node.path("prepend_scheme");
        if (TokenizerJsonReader.isAbsent(scheme)) {
            return flag("add_prefix_space", true) ? Scheme.ALWAYS : Scheme.NEVER;
        }
        return choice("prepend_scheme", Scheme.class, Scheme.ALWAYS);
    }

    /** A value in camel case, such as MergedWithNext, as that of an enumeration. */
    <T extends Enum<T>> T choice(String name, Class<T> type, T otherwise) {
        JsonNode value = node.path(name);
        if (TokenizerJsonReader.isAbsent(value)) {
            return otherwise;
        }
        String words = value.asString("?").replaceAll("([a-z])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT);
        for (T constant : type.getEnumConstants()) {
            if (constant.name().equals(words)) {
                return constant;
            }
        }
        throw file.refusal(key + "." + name + " is " + value.asString("no text") + ", which is not supported");
    }

    RequestException unsupported() {
        return file.refusal(key + ".type is " + type() + ", which is not supported");
    }
}
